import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { HUB_PATH } from '@conclave/wire'
import type { Hub } from '../hub.ts'
import { ProxyChain } from './client-address.ts'
import { answerPlainly, asksForWebSocket } from './plain-answer.ts'
import { UpgradeDoor } from './upgrade.ts'

/** Where a hub stands on a server of yours. */
export interface AttachOptions {
  /**
   * Path of the hub, which ends with `/hub`. Default: `/hub`. The rooms of a link are reached beside it: `createRoomLink('https://meet.example/team/')`
   * belongs to `/team/hub`.
   */
  readonly path?: string
  /** Addresses of the reverse proxies whose `X-Forwarded-For` is believed, and ranges such as `10.0.0.0/8`. Default: none. spec H49 */
  readonly trustedProxies?: readonly string[]
}

/** A hub on a server. */
export interface AttachedHub {
  readonly hub: Hub
  /**
   * Takes the hub from the server, ends its connections with 4503, over `overMs` where they are many, and closes it. The server
   * goes on. Idempotent.
   */
  close(options?: { readonly overMs?: number }): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Serves a hub by an HTTP or HTTPS server of yours, whatever else it serves: its requests and the upgrades of other paths stay
 * with your handlers. Another WebSocket library on the same server must not answer the upgrades of this path. spec H61
 *
 * The hub bounds what it was handed: attempts and connections of an address, and all that comes over WebSockets. Connections before that, slow ones
 * and floods of requests among them, are your server's: set its timeouts and `maxConnections`, or put a proxy in front. spec H67
 *
 * You must call `close` before you end the server, and set a Content-Security-Policy whose `connect-src` names the hub.
 *
 * @throws TypeError for a path that does not end with `/hub`, for one that has a hub already, and for `trustedProxies` that are no addresses
 */
export function attachHub(server: Server, hub: Hub, options: AttachOptions = {}): AttachedHub {
  const { path = HUB_PATH, trustedProxies = [] } = options
  if (!PATH.test(path)) throw new TypeError('"path" expected a path that ends with /hub')
  const hubs = HubPaths.of(server)
  const door = new UpgradeDoor(hub, { proxies: new ProxyChain(trustedProxies) })
  const detach = hubs.add(path, door)
  let closed: Promise<void> | undefined
  const close = ({ overMs = 0 }: { readonly overMs?: number } = {}): Promise<void> => {
    detach()
    return (closed ??= door.close(overMs))
  }
  return { hub, close, [Symbol.asyncDispose]: () => close() }
}

/** The hubs of one server, by their paths. */
class HubPaths {
  readonly #server: Server
  readonly #doors = new Map<string, UpgradeDoor>()
  readonly #onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const { path, rest } = splitTarget(request.url)
    const door = this.#doors.get(path)
    if (door !== undefined && asksForWebSocket(request))
      return door.take({ request, stream, head, target: HUB_PATH + rest })
    // Without another listener nobody else would answer.
    const isOnly = this.#server.listenerCount('upgrade') === 1
    if (door !== undefined || isOnly) answerPlainly({ server: this.#server, request, stream })
  }

  static of(server: Server): HubPaths {
    const known = hubsByServer.get(server)
    if (known !== undefined) return known
    const made = new HubPaths(server)
    hubsByServer.set(server, made)
    return made
  }

  private constructor(server: Server) {
    this.#server = server
  }

  /** Serves a hub at a path, until the returned function is called. @throws TypeError for a path that has one */
  add(path: string, door: UpgradeDoor): () => void {
    if (this.#doors.has(path))
      throw new TypeError(`"path" expected a path without a hub, got ${path}`)
    if (this.#doors.size === 0) this.#server.on('upgrade', this.#onUpgrade)
    this.#doors.set(path, door)
    return () => {
      if (this.#doors.get(path) !== door) return
      this.#doors.delete(path)
      if (this.#doors.size === 0) this.#server.off('upgrade', this.#onUpgrade)
    }
  }
}

/** Module state: what stands on a server of the application, collected with it. */
const hubsByServer = new WeakMap<Server, HubPaths>()

const splitTarget = (url = ''): { readonly path: string; readonly rest: string } => {
  const end = url.search(/[?#]/)
  return end < 0 ? { path: url, rest: '' } : { path: url.slice(0, end), rest: url.slice(end) }
}

const PATH = /^\/(?:[\w.~-]+\/)*hub$/
