import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Server as TlsServer } from 'node:tls'
import { systemClock } from '@conclave/base'
import type { AppFiles } from '../http/app-files.ts'
import { isBasePath, securityHeaders, stripBase } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import { memoryBound, tlsBound } from '../limits/memory-bound.ts'
import { answerApi, isApiRequest } from './api-exchange.ts'
import { answer, refuse } from './answer.ts'
import { ProxyChain } from './client-address.ts'
import { contained } from './contained.ts'
import { listen } from './listen.ts'
import { answerPlainly, asksForWebSocket, hasTwoHosts } from './plain-answer.ts'
import { RequestFeeds } from './request-feed.ts'
import { SocketGuard } from './socket-guard.ts'
import { loadApp } from './static-app.ts'
import { readTls, TlsReload } from './tls-files.ts'
import type { TlsFiles, TlsKeys } from './tls-files.ts'
import { refuseSocket, UpgradeDoor } from './upgrade.ts'

/** Where and how a hub is served. */
export interface ServeOptions {
  /** The hub, or a function that creates it when the port is known: origins usually contain it. */
  readonly hub: Hub | ((address: { readonly port: number }) => Hub)
  /** Port to listen on; 0 picks a free one. */
  readonly port: number
  /** Address to listen on. Default: 127.0.0.1. */
  readonly hostname?: string
  /** Folder of the built app. Default: only the hub and its health are served. */
  readonly staticDir?: string | URL | undefined
  /**
   * Path under which a reverse proxy shows the app and the hub, such as `/meet/`, if the proxy leaves it in the
   * requests. Default: `/`.
   */
  readonly basePath?: string
  /** Addresses of the reverse proxies whose `X-Forwarded-For` is believed, and ranges such as `10.0.0.0/8`. Default: none. spec H49 */
  readonly trustedProxies?: readonly string[]
  /** Certificate and key, to speak TLS without a proxy. Files are read again when they change. Default: plain HTTP. spec H48 */
  readonly tls?: TlsFiles | TlsKeys | undefined
  /**
   * How long browsers are to reach the hub's name by TLS with a good certificate only, in milliseconds: they do so on every port, and it cannot be
   * taken back. Default: nothing is said. spec H65
   */
  readonly hstsMs?: number
  /** Time over which `close` sends many clients away, in waves. Default: 0, all at once. spec H53 */
  readonly drainMs?: number
  /** Called with the HTTP server before it listens, for instruments such as `tapServer` of `./testing`. */
  readonly beforeListen?: (server: Server) => void
}

/** A hub that is listening. */
export interface Served {
  readonly hub: Hub
  readonly hostname: string
  readonly port: number
  /** Reads the files of the certificate again; `false`, and the old one stays, when they make no sense. spec H48 */
  reloadTls(): boolean
  /** Ends all connections with 4503, stops listening, closes the hub; takes 5 s beyond `drainMs` at most. Idempotent. spec H28 */
  close(): Promise<void>
  /** Resolves when `close` is done. */
  readonly closed: Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Listens and serves. Resolves when connections are accepted.
 *
 * @throws TypeError for a `basePath` without a slash at both ends, for `trustedProxies` that are no addresses, and for `hstsMs` without `tls`; ServerError `ERR_SERVER_PORT_TAKEN`, `ERR_SERVER_ADDRESS`, `ERR_SERVER_APP`, `ERR_SERVER_TLS`
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { hostname = '127.0.0.1', trustedProxies = [], staticDir, beforeListen } = options
  const { basePath = '/', drainMs = 0, tls, hstsMs } = options
  if (!isBasePath(basePath)) {
    throw new TypeError('"basePath" expected a path such as /meet/, with a slash at both ends')
  }
  if (hstsMs !== undefined && (tls === undefined || !(hstsMs >= 1000 && hstsMs < Infinity)))
    throw new TypeError('"hstsMs" expected 1000 at least, and "tls"')
  const files: AppFiles = staticDir === undefined ? new Map() : loadApp(staticDir)
  const proxies = new ProxyChain(trustedProxies)
  const settings = {
    ...{ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_MS },
    connectionsCheckingInterval: CHECK_MS,
  }
  const secure = tls === undefined ? undefined : createTlsServer(tlsSettings(settings, tls))
  const server = secure ?? createServer(settings)
  server.headersTimeout = REQUEST_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  beforeListen?.(server)
  const port = await listen(server, { hostname, port: options.port })
  const hub = typeof options.hub === 'function' ? options.hub({ port }) : options.hub
  server.maxConnections = hub.limits.connections + 2 * hub.limits.sockets
  const guard = new SocketGuard({ server, hub, proxies, clock: systemClock })
  const headers = securityHeaders(hub, { hstsMs })
  const respond = (request: IncomingMessage, response: ServerResponse): void => {
    const target = stripBase(request.url, basePath)
    const forwardedFor = request.headers['x-forwarded-for']?.toString()
    const address = proxies.clientAddress(request.socket.remoteAddress, forwardedFor)
    if (request.socket.destroyed) return
    if (!hub.admitRequest(address)) {
      guard.excess(request.socket)
      refuse(response, 429)
    } else if (hasTwoHosts(request)) refuse(response, 400)
    else if (isApiRequest(hub, target)) answerApi({ hub, request, response, path: target, headers })
    else answer({ request, target, response, hub, files, headers })
  }
  server.on('request', (request, response) =>
    contained(() => respond(request, response), { hub, destroy: () => request.socket.destroy() }),
  )
  server.on('clientError', (_error, socket) => refuseSocket(socket, 400))
  server.on('error', () => hub.log({ event: 'failed', part: 'http' }))
  const door = new UpgradeDoor(hub, { proxies, guard })
  const event = secure === undefined ? 'connection' : 'secureConnection'
  const feeds = new RequestFeeds(server, { event, rounds: door.rounds, proxies })
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, first: Buffer) => {
    const head = Buffer.concat([first, feeds.release(stream)])
    const destroy = (): void => void stream.destroy()
    if (asksForWebSocket(request))
      door.take({ request, stream, head, target: stripBase(request.url, basePath) ?? '' })
    else contained(() => answerPlainly({ server, request, stream }), { hub, destroy })
  })
  const reload = watchTls({ tls, server: secure, hub })
  const tlsBytes = secure === undefined ? 0 : tlsBound(hub.limits)
  hub.log({ event: 'ready', port, boundBytes: memoryBound(hub.limits) + tlsBytes })
  let closed: Promise<void> | undefined
  let onClosed: () => void = () => {}
  const close = (): Promise<void> => {
    reload?.stop()
    guard.stop()
    return (closed ??= stop({ server, hub, door, drainMs }).then(onClosed))
  }
  return {
    hub,
    hostname,
    port,
    reloadTls: () => reload?.reload() ?? true,
    close,
    closed: new Promise((resolve) => (onClosed = resolve)),
    [Symbol.asyncDispose]: close,
  }
}

function tlsSettings<T extends object>(
  settings: T,
  tls: TlsFiles | TlsKeys,
): T & TlsKeys & { readonly minVersion: 'TLSv1.2'; readonly handshakeTimeout: number } {
  return { ...settings, ...readTls(tls), minVersion: 'TLSv1.2', handshakeTimeout: REQUEST_MS }
}

function watchTls({
  tls,
  server,
  hub,
}: {
  readonly tls: TlsFiles | TlsKeys | undefined
  readonly server: TlsServer | undefined
  readonly hub: Hub
}): TlsReload | undefined {
  if (tls === undefined || 'cert' in tls || server === undefined) return undefined
  return new TlsReload({
    files: tls,
    server,
    onResult: (isReloaded) =>
      hub.log(isReloaded ? { event: 'tlsReloaded' } : { event: 'failed', part: 'tls' }),
  })
}

async function stop({
  server,
  hub,
  door,
  drainMs,
}: {
  readonly server: Server
  readonly hub: Hub
  readonly door: UpgradeDoor
  readonly drainMs: number
}): Promise<void> {
  await door.close(drainMs)
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
  hub.log({ event: 'stopped' })
}

const MAX_HEADER_BYTES = 16_384
const REQUEST_MS = 10_000
const KEEP_ALIVE_MS = 5000
/** How often Node looks for requests that do not come to their end. */
const CHECK_MS = 1000
