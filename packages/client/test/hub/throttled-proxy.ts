/** A network that brings so many bytes a second to the client, and takes as many as it sends. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A proxy on this machine. */
export interface ThrottledProxy {
  readonly host: string
  /** The port of the hub behind it, once that is known. */
  target: number
  /** Ends every connection over it. */
  cut(): void
  close(): void
}

/** Starts a proxy; `bytesPerSecond` counts for each connection, towards the client. */
export async function startThrottledProxy(bytesPerSecond: number): Promise<ThrottledProxy> {
  const sockets = new Set<Socket>()
  const step = Math.max(1, Math.floor(bytesPerSecond / STEPS_PER_SECOND))
  const server = createServer((client) => {
    const hub = connect({ port: proxy.target, host: '127.0.0.1' })
    for (const socket of [client, hub]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        hub.destroy()
        sockets.delete(socket)
      })
    }
    client.pipe(hub)
    void trickle(hub, client, step).catch(() => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy: ThrottledProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: 0,
    cut,
    close() {
      cut()
      server.close()
    },
  }
  return proxy
}

async function trickle(from: Socket, to: Socket, step: number): Promise<void> {
  let startedMs = performance.now()
  let sent = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += step) {
      to.write(chunk.subarray(at, at + step))
      sent += Math.min(step, chunk.length - at)
      const aheadMs = (sent / step) * STEP_MS - (performance.now() - startedMs)
      // A pause is no credit for a burst.
      if (aheadMs < -STEP_MS) [startedMs, sent] = [performance.now(), 0]
      if (aheadMs > STEP_MS) await sleep(aheadMs)
    }
  }
  to.end()
}

const STEPS_PER_SECOND = 50
const STEP_MS = 1000 / STEPS_PER_SECOND
