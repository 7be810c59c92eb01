/**
 * The hub on Node: HTTP, WebSocket, files. The only place of this package that knows Node's modules.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join, relative, sep } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { MAX_MESSAGE_BYTES, SUBPROTOCOL } from '@conclave/wire'
import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'
import { answerFile, bundleFiles } from '../http/app-files.ts'
import type { AppFiles } from '../http/app-files.ts'
import { ServerError } from '../errors.ts'
import { FrameUnmasker } from '../testing/frame-unmasker.ts'
import { routeRequest, securityHeaders } from '../http/http-policy.ts'
import type { Hub } from '../hub.ts'
import type { HubSocket } from '../session/outbound.ts'

/** How a hub is put on the network. */
export interface ServeOptions {
  /** The hub, or what makes it when the port is known: origins usually contain it. */
  readonly hub: Hub | ((address: { readonly port: number }) => Hub)
  /** Port to listen on; 0 takes a free one. */
  readonly port: number
  /** Address to listen on, 127.0.0.1 by default. */
  readonly hostname?: string
  /** Folder of the built app; without it nothing but the hub and its health is served. */
  readonly staticDir?: string | URL | undefined
  /** Number of reverse proxies in front whose `X-Forwarded-For` is believed, 0 by default. */
  readonly trustedProxies?: number
  /** Sees every byte that clients send; for tests that prove what a server could read. */
  readonly tap?: Tap
}

/** Is called with a copy of what was received, before anything looks at it. */
export type Tap = (record: TapRecord) => void

/** A piece of what a client sent. Pieces of one connection and layer, joined, are all of it. */
export interface TapRecord {
  /** Counts connections from 1. */
  readonly connection: number
  /**
   * `socket`: bytes as they came, HTTP included.
   * `frames`: the payloads of WebSocket frames, control frames included, without their masks.
   */
  readonly layer: 'socket' | 'frames'
  readonly bytes: Uint8Array
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
 * @throws ServerError `ERR_SERVER_PORT_TAKEN`, `ERR_SERVER_ADDRESS`, `ERR_SERVER_APP`
 */
export async function serve(options: ServeOptions): Promise<Served> {
  const { hostname = '127.0.0.1', trustedProxies = 0, tap } = options
  const files = options.staticDir === undefined ? NO_FILES : loadApp(options.staticDir)
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_MS })
  server.headersTimeout = REQUEST_MS
  server.keepAliveTimeout = KEEP_ALIVE_MS
  if (tap !== undefined) tapServer(server, tap)
  const port = await listen(server, { hostname, port: options.port })
  const hub = typeof options.hub === 'function' ? options.hub({ port }) : options.hub
  server.maxConnections = 2 * hub.limits.connections
  const headers = securityHeaders(hub)
  server.on('request', (request, response) => {
    answer({ request, response, hub, files, headers })
  })
  server.on('clientError', (_error, socket) => refuseSocket(socket, 400))
  server.on('error', () => hub.log({ event: 'failed', part: 'http' }))
  const sockets = acceptSockets({ server, hub, trustedProxies })
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

/** Whether there is a built app in a folder. */
export function hasApp(folder: string | URL): boolean {
  return existsSync(join(toPath(folder), 'index.html'))
}

function listen(
  server: Server,
  { hostname, port }: { hostname: string; port: number },
): Promise<number> {
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

function toServerError(
  error: NodeJS.ErrnoException,
  at: { hostname: string; port: number },
): ServerError {
  if (error.code === 'EADDRINUSE') {
    const message = `Port ${at.port} is taken by another program; set PORT to a free one.`
    return new ServerError('ERR_SERVER_PORT_TAKEN', message, { port: at.port })
  }
  const reason =
    error.code === 'EACCES' ? 'it needs rights that this user does not have' : error.code
  const message = `Listening on ${at.hostname} port ${at.port} is not possible: ${reason ?? 'unknown reason'}.`
  return new ServerError('ERR_SERVER_ADDRESS', message, at)
}

function answer(exchange: {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly hub: Hub
  readonly files: AppFiles
  readonly headers: Readonly<Record<string, string>>
}): void {
  const { request, response, hub, files, headers } = exchange
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const route = routeRequest(request.method, request.url)
  if (route.type === 'health') {
    const isReady = hub.state === 'ready'
    const body = JSON.stringify({ status: isReady ? 'ok' : 'draining' })
    response.writeHead(isReady ? 200 : 503, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    })
    response.end(body)
    return
  }
  const file = route.type === 'file' ? files.get(route.path) : undefined
  if (route.type === 'refused' || file === undefined) {
    const status = route.type === 'refused' ? route.status : 404
    const allow =
      status === 405 ? { Allow: 'GET, HEAD' } : status === 426 ? { Upgrade: 'websocket' } : {}
    response.writeHead(status, {
      'Content-Type': 'text/plain',
      'Cache-Control': 'no-store',
      ...allow,
    })
    response.end(`${status}\n`)
    return
  }
  const { 'accept-encoding': acceptEncoding, 'if-none-match': ifNoneMatch } = request.headers
  const {
    status,
    headers: own,
    body,
  } = answerFile(route.path, file, {
    acceptEncoding: acceptEncoding?.toString(),
    ifNoneMatch,
  })
  response.writeHead(status, own)
  response.end(request.method === 'HEAD' ? undefined : body)
}

function acceptSockets(options: {
  server: Server
  hub: Hub
  trustedProxies: number
}): WebSocketServer {
  const { server, hub, trustedProxies } = options
  const settings: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    closeTimeout: CLOSE_MS,
    handleProtocols: () => SUBPROTOCOL,
  }
  const sockets = new WebSocketServer(settings)
  const coalesce = createCoalescer()
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const address = clientAddress(request, trustedProxies)
    const { host, origin } = request.headers
    const protocols = request.headers['sec-websocket-protocol']
    const admission = hub.admit({ target: request.url ?? '', host, origin, protocols, address })
    if (admission.type === 'refused')
      return refuseSocket(stream, admission.status, admission.retryAfterS)
    // Handlers are attached in this same task: the first message may be in `head` already.
    sockets.handleUpgrade(request, stream, head, (socket) => {
      connect({ socket, hub, address, cork: () => coalesce(stream) })
    })
  })
  return sockets
}

function connect(options: {
  socket: WebSocket
  hub: Hub
  address: string
  cork: () => void
}): void {
  const { socket, hub, address, cork } = options
  const hubSocket: HubSocket = {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: (data) => {
      cork()
      socket.send(data, ignore)
    },
    ping: () => {
      if (socket.readyState === socket.OPEN) socket.ping(undefined, undefined, ignore)
    },
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  }
  const connection = hub.connect(hubSocket, { address })
  socket.on('message', (data: Buffer, isBinary) => {
    void connection.receive(isBinary ? data : data.toString('utf8'))
  })
  socket.on('pong', () => connection.heard())
  socket.on('ping', () => connection.heard())
  socket.on('error', ignore) // `close` follows
  socket.on('close', (code) => connection.closed(code))
}

/** Holds back what is written to a stream until the event loop has read everything: one system call for all. */
function createCoalescer(): (stream: Duplex) => void {
  const corked = new Set<Duplex>()
  return (stream) => {
    if (corked.has(stream)) return
    if (corked.size === 0) {
      setImmediate(() => {
        for (const each of corked) each.uncork()
        corked.clear()
      })
    }
    corked.add(stream)
    stream.cork()
  }
}

async function stop(running: {
  server: Server
  hub: Hub
  sockets: WebSocketServer
}): Promise<void> {
  const { server, hub, sockets } = running
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

function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = request.socket.remoteAddress ?? 'unknown'
  const forwarded = request.headers['x-forwarded-for']?.toString().split(',') ?? []
  return (trustedProxies > 0 ? forwarded.at(-trustedProxies)?.trim() : undefined) ?? direct
}

function refuseSocket(stream: Duplex, status: number, retryAfterS?: number): void {
  const retry = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`
  if (stream.writable)
    stream.end(`HTTP/1.1 ${status} \r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
  stream.once('finish', () => stream.destroy())
}

/** Watches bytes where they enter a socket's buffer, so that nothing is taken from whoever reads them. */
function tapServer(server: Server, tap: Tap): void {
  const taps = new WeakMap<
    Duplex,
    { readonly connection: number; unmasker: FrameUnmasker | undefined }
  >()
  let count = 0
  server.on('connection', (socket: Socket) => {
    const connection = (count += 1)
    taps.set(socket, { connection, unmasker: undefined })
    const push = socket.push.bind(socket)
    socket.push = (chunk: Uint8Array | null, encoding) => {
      if (chunk !== null) {
        tap({ connection, layer: 'socket', bytes: new Uint8Array(chunk) })
        const { unmasker } = taps.get(socket) ?? {}
        if (unmasker !== undefined)
          tap({ connection, layer: 'frames', bytes: unmasker.push(chunk) })
      }
      return push(chunk, encoding)
    }
    // A listener for data makes Node's HTTP parser read from the socket instead of from beneath it.
    socket.on('data', ignore)
    socket.off('data', ignore)
  })
  server.on('upgrade', (_request, stream: Duplex, head: Buffer) => {
    const entry = taps.get(stream)
    if (entry === undefined) return
    entry.unmasker = new FrameUnmasker()
    tap({ connection: entry.connection, layer: 'frames', bytes: entry.unmasker.push(head) })
  })
}

function loadApp(folder: string | URL): AppFiles {
  const root = toPath(folder)
  if (!hasApp(root))
    throw new ServerError('ERR_SERVER_APP', 'The folder of the app has no index.html.', undefined)
  const contentByPath = new Map<string, Uint8Array>()
  let bytes = 0
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    bytes += statSync(path).size
    if (bytes > MAX_APP_BYTES)
      throw new ServerError('ERR_SERVER_APP', 'The app is larger than 64 MiB.', undefined)
    contentByPath.set(`/${relative(root, path).split(sep).join('/')}`, readFileSync(path))
  }
  return bundleFiles(contentByPath, (content) =>
    createHash('sha256').update(content).digest('base64url').slice(0, 22),
  )
}

function toPath(folder: string | URL): string {
  return typeof folder === 'string' ? folder : fileURLToPath(folder)
}

function ignore(): void {}

const NO_FILES: Readonly<AppFiles> = new Map()
const MAX_HEADER_BYTES = 16_384
const REQUEST_MS = 10_000
const KEEP_ALIVE_MS = 5000
const MAX_FRAGMENTS = 64
const MAX_BUFFERED_CHUNKS = 1024
/** How long a client may take to answer a close frame. */
const CLOSE_MS = 2000
/** How long stopping may take, spec H28. */
const STOP_MS = 4500
const MAX_APP_BYTES = 67_108_864
