import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { toAddressKey } from '../door/addresses.ts'
import type { Rounds, RoundsPlace } from '../limits/rounds.ts'
import type { RoundsMember } from '../limits/share.ts'
import type { ProxyChain } from './client-address.ts'
import { isAnsweringMuch } from './socket-facts.ts'

/**
 * Reads the requests of a server's connections in small pieces, in the rounds of their addresses: one that sends thousands of requests at once
 * takes no more of a turn than its address has, and what it sent goes unread when it is ended. spec H63
 */
export class RequestFeeds {
  readonly #feedBySocket = new Map<object, RequestFeed>()

  /** @param options.event that by which the server tells of a connection whose bytes are requests */
  constructor(
    server: Server,
    options: {
      readonly event: 'connection' | 'secureConnection'
      readonly rounds: Rounds
      readonly proxies: ProxyChain
    },
  ) {
    server.on(options.event, (socket: Socket) => {
      // One that was too many is closed already.
      if (socket.destroyed) return
      const { remoteAddress = '', remotePort } = socket
      // Behind a proxy are many: each of its connections has a part of the time for itself.
      const isShared = options.proxies.has(remoteAddress)
      const key = isShared ? `${remoteAddress} ${remotePort}` : toAddressKey(remoteAddress)
      const onClose = (): void => void this.release(socket)
      const feed = new RequestFeed(socket, { key, rounds: options.rounds, onClose })
      this.#feedBySocket.set(socket, feed)
    })
  }

  /** A connection has no more requests, because it became something else or is gone. Returns what it said and nobody has read. */
  release(socket: object): Buffer {
    const feed = this.#feedBySocket.get(socket)
    this.#feedBySocket.delete(socket)
    return feed?.end() ?? EMPTY
  }
}

/** The requests of one connection, before Node's parser reads them. */
class RequestFeed implements RoundsMember {
  readonly #socket: Socket
  readonly #place: RoundsPlace
  /** Node's own listeners, which parse. */
  readonly #parsers: readonly ((data: Buffer) => void)[]
  readonly #onData = (data: Buffer): void => this.#take(data)
  readonly #onResume = (): void => this.#goOn()
  #waiting: Buffer = EMPTY
  readonly #onClose: () => void
  #isHeld = false
  #isQueued = false
  #isEnded = false

  constructor(
    socket: Socket,
    options: {
      /** The address whose part of the hub's time the connection has. */
      readonly key: string
      readonly rounds: Rounds
      readonly onClose: () => void
    },
  ) {
    this.#socket = socket
    this.#onClose = options.onClose
    this.#parsers = socket.listeners('data') as ((data: Buffer) => void)[]
    socket.removeAllListeners('data')
    socket.on('data', this.#onData).on('resume', this.#onResume).on('close', this.#onClose)
    this.#place = options.rounds.join(options.key, this)
  }

  step(): boolean {
    this.#isQueued = false
    if (this.#mayRead()) this.#read()
    this.#adjust()
    return false
  }

  release(): void {
    this.#isHeld = false
    this.#adjust()
  }

  hold(): void {
    this.#isHeld = true
    this.#adjust()
  }

  /** Reads no longer. Returns what waits. */
  end(): Buffer {
    const waiting = this.#waiting
    this.#waiting = EMPTY
    this.#isEnded = true
    const socket = this.#socket
    socket.off('data', this.#onData).off('resume', this.#onResume).off('close', this.#onClose)
    this.#place.leave()
    return waiting
  }

  #take(data: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? data : Buffer.concat([this.#waiting, data])
    while (this.#mayRead() && this.#place.mayRun()) {
      const startedMs = this.#place.now()
      this.#read()
      this.#place.spend(this.#place.now() - startedMs)
    }
    this.#adjust()
  }

  /** Whether something waits and Node has sent off the answers before it. One that gets no more answers is not read. */
  #mayRead(): boolean {
    if (!this.#socket.writable) this.#waiting = EMPTY
    return this.#waiting.length > 0 && !isAnsweringMuch(this.#socket)
  }

  #read(): void {
    const piece = this.#waiting.subarray(0, PIECE_BYTES)
    this.#waiting = this.#waiting.subarray(PIECE_BYTES)
    for (const parse of this.#parsers) parse.call(this.#socket, piece)
  }

  /** Node read on after it had sent off its answers. */
  #goOn(): void {
    if (this.#waiting.length > 0 || this.#isHeld) this.#adjust()
  }

  #adjust(): void {
    if (this.#isEnded) return
    const hasMore = this.#mayRead()
    if (hasMore && !this.#isQueued) {
      this.#isQueued = true
      this.#place.wait()
    }
    if (this.#waiting.length > 0 || this.#isHeld) this.#socket.pause()
    else if (!isAnsweringMuch(this.#socket)) this.#socket.resume()
  }
}

const EMPTY = Buffer.alloc(0)
/** About thirty of the smallest requests. */
const PIECE_BYTES = 512
