import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebSocketServer } from 'ws'
import { ServerError } from '../errors.ts'
import type { AppFiles } from '../http/app-files.ts'
import { isBasePath, securityHeaders, stripBase } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import { answer } from './answer.ts'
import { loadApp } from './static-app.ts'
import { acceptUpgrades, refuseSocket } from './upgrade.ts'

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
  /** Number of reverse proxies in front whose `X-Forwarded-For` is believed. Default: 0. */
  readonly trustedProxies?: number
  /** Called with the HTTP server before it listens, for instruments such as `tapServer` of `./testing`. */
  readonly beforeListen?: (server: Server) => void
}

/** A hub that is listening. */
export interface Served {
  readonly hub: Hub
  readonly hostname: string
  readonly port: number
  /** Ends all connections with 4503, stops listening, closes the hub; takes 5 s at most. Idempotent. spec H28 */
  close(): Promise<void>
  /** Resolves when `close` is done. */
  readonly closed: Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Listens and serves. Resolves when connections are accepted.
 *
 * @throws TypeError for a `basePath` without a slash at both ends; ServerError `ERR_SERVER_PORT_TAKEN`, `ERR_SERVER_ADDRESS`, `ERR_SERVER_APP`
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { hostname = '127.0.0.1', trustedProxies = 0, staticDir, beforeListen } = options
  const { basePath = '/' } = options
  if (!isBasePath(basePath)) {
    throw new TypeError('"basePath" expected a path such as /meet/, with a slash at both ends')
  }
  const files: AppFiles = staticDir === undefined ? new Map() : loadApp(staticDir)
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_MS })
  server.headersTimeout = REQUEST_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  beforeListen?.(server)
  const port = await listen(server, { hostname, port: options.port })
  const hub = typeof options.hub === 'function' ? options.hub({ port }) : options.hub
  server.maxConnections = 2 * hub.limits.connections
  const headers = securityHeaders(hub)
  server.on('request', (request, response) => {
    const target = stripBase(request.url, basePath)
    answer({ request, target, response, hub, files, headers })
  })
  server.on('clientError', (_error, socket) => refuseSocket(socket, 400))
  server.on('error', () => hub.log({ event: 'failed', part: 'http' }))
  const sockets = acceptUpgrades({ server, hub, trustedProxies, basePath })
  hub.log({ event: 'ready', port })
  let closed: Promise<void> | undefined
  let onClosed: () => void = () => {}
  const close = (): Promise<void> => (closed ??= stop({ server, hub, sockets }).then(onClosed))
  return {
    hub,
    hostname,
    port,
    close,
    closed: new Promise((resolve) => (onClosed = resolve)),
    [Symbol.asyncDispose]: close,
  }
}

interface Address {
  readonly hostname: string
  readonly port: number
}

function listen(server: Server, { hostname, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(toServerError(error, { hostname, port }))
    })
    server.listen({ host: hostname, port }, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function toServerError(cause: NodeJS.ErrnoException, at: Address): ServerError {
  const { hostname, port } = at
  if (cause.code === 'EADDRINUSE') {
    const message = `port ${port} is taken by another program; set PORT to a free one`
    return new ServerError('ERR_SERVER_PORT_TAKEN', { port }, { message, cause })
  }
  const reason =
    cause.code === 'EACCES'
      ? 'it needs rights that this user does not have'
      : (cause.code ?? 'unknown reason')
  const message = `listening on ${hostname} port ${port} is not possible: ${reason}`
  return new ServerError('ERR_SERVER_ADDRESS', at, { message, cause })
}

async function stop({
  server,
  hub,
  sockets,
}: {
  readonly server: Server
  readonly hub: Hub
  readonly sockets: WebSocketServer
}): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_MS)
  })
  await Promise.race([hub.drain(), deadline])
  for (const socket of sockets.clients) socket.terminate()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await Promise.race([Promise.all([closed, hub.close()]), deadline])
  clearTimeout(timer)
  hub.log({ event: 'stopped' })
}

const MAX_HEADER_BYTES = 16_384
const REQUEST_MS = 10_000
const KEEP_ALIVE_MS = 5000
/** How long stopping may take. spec H28 */
const STOP_MS = 4500
