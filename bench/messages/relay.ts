/**
 * A relay of TCP in front of a server, which a benchmark cuts.
 *
 * @module
 */
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net'

/** How a connection ends: both ends are told, or nothing passes, or nothing passes back. */
export type Cut = 'closed' | 'silent' | 'deaf'

/** Connections of one client to a server whose port may change. */
export class Relay {
  /** The port of the server; connections made from then on go there. */
  target = 0
  readonly #server: Server
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>()

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  private constructor() {
    this.#server = createServer((client) => this.#carry(client))
  }

  /** Listens on a free port of this machine. */
  static async listen(): Promise<Relay> {
    const relay = new Relay()
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  /** Cuts what stands; connections that are made later pass. */
  cut(how: Cut): void {
    for (const [client, server] of this.#pairs) {
      if (how === 'closed') {
        client.resetAndDestroy()
        server.resetAndDestroy()
      } else {
        // Bytes that arrive are thrown away, and no end is told.
        server.removeAllListeners('data')
        server.resume()
        if (how === 'silent') client.removeAllListeners('data').resume()
      }
    }
  }

  async close(): Promise<void> {
    this.cut('closed')
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #carry(client: Socket): void {
    const server = connect(this.target, '127.0.0.1')
    const pair = [client, server] as const
    this.#pairs.add(pair)
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true)
      from.on('data', (bytes) => to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        to.destroy()
        this.#pairs.delete(pair)
      })
      from.on('end', () => to.end())
    }
  }
}
