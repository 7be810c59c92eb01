import { systemClock } from '@conclave/base'
import { deriveLinkKeys, generateLinkSecret } from '@conclave/e2ee'
import { createSessionKeys } from '@conclave/e2ee/session'
import { encodeMessage } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { afterEach, expect, test, vi } from 'vitest'
import { HubTransport } from '../../src/hub/hub-transport.ts'
import { pageWakeSignals } from '../../src/hub/wake-signals.ts'
import { LIMITS } from './hub-limits.ts'

afterEach(() => vi.unstubAllGlobals())

test('[R22] a page that is online again checks its connection or reconnects at once', async () => {
  const sockets: TestSocket[] = []
  vi.stubGlobal(
    'WebSocket',
    class extends TestSocket {
      constructor() {
        super()
        sockets.push(this)
      }
    },
  )
  const { room, access } = await deriveLinkKeys(generateLinkSecret())
  const session = await createSessionKeys()
  // Nothing happens by itself: only the page's events move this transport on.
  const clock = { ...systemClock, setTimeout: () => 0, clearTimeout: () => {} }
  const url = 'ws://hub.example/hub'
  const transport = new HubTransport({
    url,
    room,
    session,
    access,
    clock,
    wakeSignals: pageWakeSignals(),
  })
  const opened = transport.open()
  sockets[0]?.fail()
  dispatchEvent(new Event('online'))
  expect(sockets).toHaveLength(2)
  sockets[1]?.letIn(room)
  await opened

  document.dispatchEvent(new Event('visibilitychange'))
  expect(document.visibilityState).toBe('visible')
  expect(sockets[1]?.sent).toEqual([encodeMessage({ type: 'ping', id: 1 })])

  transport.close()
  dispatchEvent(new Event('online'))
  expect(sockets).toHaveLength(2)
})

/** A WebSocket whose other end is the test. */
class TestSocket extends EventTarget {
  readonly sent: unknown[] = []
  readyState = 1

  send(data: unknown): void {
    this.sent.push(data)
  }

  close(): void {
    this.readyState = 3
  }

  fail(): void {
    this.dispatchEvent(new Event('error'))
  }

  letIn(room: RoomId): void {
    const joined = { type: 'joined', room, channel: 7, participants: [] } as const
    const data = encodeMessage({ ...joined, limits: LIMITS })
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}
