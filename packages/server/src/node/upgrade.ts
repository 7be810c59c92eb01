import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { monotonicTime, systemClock, within } from '@conclave/base'
import { MAX_MESSAGE_BYTES, SUBPROTOCOL } from '@conclave/wire'
import { WebSocketServer } from 'ws'
import type { ServerOptions, WebSocket } from 'ws'
import { toAddressKey } from '../door/addresses.ts'
import type { Hub } from '../hub.ts'
import type { RequestFacts } from '../access/authorizer.ts'
import { Rounds } from '../limits/rounds.ts'
import type { RoundsTime } from '../limits/rounds.ts'
import type { ProxyChain } from './client-address.ts'
import { contained } from './contained.ts'
import { Intake } from './intake.ts'
import { LoadMonitor } from './load-monitor.ts'
import { unfinishedBytes } from './socket-facts.ts'
import { hasTwoHosts } from './plain-answer.ts'
import { keepFacts } from './request-facts.ts'
import type { SocketGuard } from './socket-guard.ts'
import { TurnWriter } from './turn-writer.ts'
import { WebSocketPort } from './web-socket-port.ts'

/** An upgrade, as Node's HTTP server hands it over. */
export interface Upgrade {
  readonly request: IncomingMessage
  readonly stream: Duplex
  readonly head: Buffer
  /** The request's target as the hub knows it: `/hub`. */
  readonly target: string
}

/** Lets WebSocket connections of an HTTP server into a hub, and holds the open ones. */
export class UpgradeDoor {
  readonly #hub: Hub
  readonly #proxies: ProxyChain
  readonly #sockets = new WebSocketServer(SETTINGS)
  /** The hub's time, for whatever else the server does. spec H43 */
  readonly rounds: Rounds = new Rounds(TIME)
  readonly #turns = new TurnWriter((ms) => this.rounds.wrote(ms))
  readonly #guard: SocketGuard | undefined
  readonly #load: LoadMonitor
  #isProxyTold = false

  constructor(
    hub: Hub,
    { proxies, guard }: { readonly proxies: ProxyChain; readonly guard?: SocketGuard | undefined },
  ) {
    this.#hub = hub
    this.#proxies = proxies
    this.#guard = guard
    this.#load = new LoadMonitor({ ...hub.limits, clock: { ...systemClock, ...TIME }, usedBytes })
  }

  /** Lets a connection in, or answers why not. */
  take(upgrade: Upgrade): void {
    const { stream } = upgrade
    endOnError(stream)
    contained(() => this.#take(upgrade), { hub: this.#hub, destroy: () => stream.destroy() })
  }

  #take({ request, stream, head, target }: Upgrade): void {
    if (hasTwoHosts(request)) return refuseSocket(stream, 400)
    const { host, origin } = request.headers
    const protocols = request.headers['sec-websocket-protocol']
    const address = this.#addressOf(request)
    const { overload } = this.#load
    const admission = this.#hub.admit({ target, host, origin, protocols, address, overload })
    if (admission.type === 'refused')
      return refuseSocket(stream, admission.status, admission.retryAfterS)
    // Handlers are attached in this same task: the first message may be in `head` already.
    this.#sockets.handleUpgrade(request, stream, head, (socket) => {
      this.#guard?.upgraded(request.socket)
      const parts = { turns: this.#turns, rounds: this.rounds }
      const facts = keepFacts(request, address)
      connect({ socket, stream, hub: this.#hub, facts, ...parts })
    })
  }

  /** Sends all away with 4503 over so many milliseconds, cuts off those who have not gone 4 s later, and closes the hub. spec H28 H53 */
  async close(overMs: number): Promise<void> {
    this.#load.stop()
    const clock = systemClock
    const late = (): void => {}
    await within(this.#hub.drain({ overMs }), { clock, ms: overMs + LEAVING_MS, late })
    for (const socket of this.#sockets.clients) socket.terminate()
    await within(this.#hub.close(), { clock, ms: CLOSING_MS, late })
  }

  #addressOf({ headers, socket: { remoteAddress } }: IncomingMessage): string {
    const forwardedFor = headers['x-forwarded-for']?.toString()
    const isFromProxy = this.#proxies.has(remoteAddress ?? '')
    if (forwardedFor !== undefined && !this.#isProxyTold && !isFromProxy) {
      this.#isProxyTold = true
      this.#hub.log({ event: 'proxyNotTrusted' })
    }
    return this.#proxies.clientAddress(remoteAddress, forwardedFor)
  }
}

/** Ends a connection whose bytes cannot be read or written; nothing of the request that began it is kept for this. */
function endOnError(stream: Duplex): void {
  stream.on('error', destroy)
}

function destroy(this: Duplex): void {
  this.destroy()
}

/** Answers on a bare socket with a status and closes it. */
export function refuseSocket(stream: Duplex, status: number, retryAfterS?: number): void {
  if (!stream.writable) return void stream.destroy()
  const retry = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`
  stream.once('finish', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status} \r\n${retry}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function connect({
  socket,
  stream,
  hub,
  facts,
  turns,
  rounds,
}: {
  readonly socket: WebSocket
  readonly stream: Duplex
  readonly hub: Hub
  readonly facts: RequestFacts & { readonly address: string }
  readonly turns: TurnWriter
  readonly rounds: Rounds
}): void {
  const { messageDeadlineMs } = hub.limits
  const { address } = facts
  const intake = new Intake({
    ...{ socket, rounds, messageDeadlineMs },
    address: toAddressKey(address),
  })
  const port = new WebSocketPort({ socket, stream, intake, turns })
  const connection = hub.connect(port, { address, facts })
  intake.connect(connection)
  socket.on('message', (data: Buffer, isBinary) => {
    intake.push(isBinary ? data : data.toString('utf8'))
  })
  const onControl = (): void => intake.control()
  socket.on('pong', onControl).on('ping', onControl)
  // Before and after ws reads the piece.
  stream.prependListener('data', () => intake.pieceBegins())
  stream.on('data', () => intake.pieceRead(unfinishedBytes(socket)))
  let broken: number | undefined
  // `close` follows.
  socket.on('error', (error: Error & { readonly code?: string }) => {
    broken ??= codeOf(error.code)
  })
  socket.on('close', (code) => {
    port.closed()
    connection.closed(broken ?? code, { isByTransport: broken !== undefined })
  })
}

/** The close code with which ws answers bytes that break the protocol; `undefined` for other errors. RFC 6455 §7.4.1 */
function codeOf(error: string | undefined): number | undefined {
  if (error?.startsWith('WS_ERR_') !== true) return undefined
  return CODES.get(error) ?? 1002
}

const CODES: ReadonlyMap<string, number> = new Map([
  ['WS_ERR_INVALID_UTF8', 1007],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', 1008],
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 1009],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', 1009],
])

/** The memory of the process that JavaScript uses, with that of its buffers. */
function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Time and turns of the event loop. */
const TIME: RoundsTime = {
  now: monotonicTime,
  nextTurn: (callback) => void setImmediate(callback),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs).unref(),
}

/** How long connections may take to end, and the engine to close: less than 5 s together. spec H28 */
const LEAVING_MS = 4000
const CLOSING_MS = 500

/** How WebSockets are read. spec H5 */
const SETTINGS: ServerOptions & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: true,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: 64,
  maxBufferedChunks: 1024,
  // How long a client may take to answer a close frame, in milliseconds.
  closeTimeout: 2000,
  handleProtocols: () => SUBPROTOCOL,
}
