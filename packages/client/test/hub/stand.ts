import { once } from 'node:events'
import type { VirtualClock } from '@conclave/base/testing'
import { encodeMessage } from '@conclave/wire'
import type { WebSocket as ServerSocket } from 'ws'

/** Lets time pass on a connection over which the hub shows a sign of life before it is probed. */
export async function stand(
  socket: ServerSocket | undefined,
  { clock, forMs }: { readonly clock: VirtualClock; readonly forMs: number },
): Promise<void> {
  for (let leftMs = forMs; leftMs > 0; leftMs -= STEP_MS) {
    clock.advance(Math.min(leftMs, STEP_MS))
    if (socket === undefined || leftMs <= STEP_MS) continue
    socket.send(encodeMessage({ type: 'pong', id: 0 }))
    // The answer to this comes after the message before it was read.
    socket.ping()
    await once(socket, 'pong')
  }
}

const STEP_MS = 900
