import type { WebSocket } from 'ws'
import type { Rounds, RoundsPlace } from '../limits/rounds.ts'
import type { RoundsMember } from '../limits/share.ts'
import type { HubConnection } from '../session/session-socket.ts'
import { dropUnread } from './socket-facts.ts'

/** The needs of an {@link Intake}. */
export interface IntakeOptions {
  readonly socket: WebSocket
  readonly rounds: Rounds
  /** The address whose part of the hub's time this connection has. */
  readonly address: string
  /** Time in which a message must have come as a whole. spec H42 */
  readonly messageDeadlineMs: number
}

/**
 * Hands over what a WebSocket reads, in the rounds of its address, and holds what the hub has not taken: meanwhile the socket is not read, so
 * that at most one piece of what the network brought waits here. spec H39, H43
 */
export class Intake implements RoundsMember {
  readonly #options: IntakeOptions
  readonly #place: RoundsPlace
  readonly #waiting: (string | Uint8Array)[] = []
  #waitingBytes = 0
  #connection: HubConnection | undefined
  #isPaused = false
  #isHeld = false
  #isReading = true
  #isEnded = false
  #heldBytes = 0
  /** Until when the time of the piece that is read is counted. */
  #countedMs = 0
  #deadline: NodeJS.Timeout | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#place = options.rounds.join(options.address, this)
  }

  /** Names the connection that takes what comes. */
  connect(connection: HubConnection): void {
    this.#connection = connection
  }

  /** Takes a message that was read. */
  push(data: string | Uint8Array): void {
    this.#clearDeadline()
    if (this.#isEnded) return
    const isFree = !this.#isPaused && this.#waiting.length === 0 && this.#place.mayRun()
    if (isFree) {
      void this.#connection?.receive(data)
      return this.#spend()
    }
    this.#waiting.push(data)
    this.#waitingBytes += data.length
    this.#adjust()
    if (!this.#isPaused) this.#place.wait()
  }

  /** Counts a ping or a pong that was read. */
  control(): void {
    if (!this.#isEnded) this.#connection?.controlled()
  }

  /** A piece from the network is about to be read: what it costs counts from here on, whatever is in it. */
  pieceBegins(): void {
    this.#countedMs = this.#place.now()
  }

  /** A piece from the network was read; `unfinishedBytes` of it, and of those before, are no whole message yet. spec H42 */
  pieceRead(unfinishedBytes: number): void {
    this.#spend()
    if (this.#isEnded) return
    if (unfinishedBytes === 0) this.#clearDeadline()
    else this.#deadline ??= this.#startDeadline()
    const heldBytes = unfinishedBytes + this.#waitingBytes
    if (heldBytes === 0 && this.#heldBytes === 0) return
    this.#heldBytes = heldBytes
    this.#connection?.holds(heldBytes)
  }

  step(): boolean {
    if (this.#isPaused) return false
    const data = this.#waiting.shift()
    if (data !== undefined) {
      this.#waitingBytes -= data.length
      void this.#connection?.receive(data)
    }
    this.#adjust()
    return !this.#isPaused && this.#waiting.length > 0
  }

  hold(): void {
    this.#isHeld = true
    this.#adjust()
  }

  release(): void {
    this.#isHeld = false
    this.#adjust()
  }

  /** The hub wants no more for now. */
  pause(): void {
    this.#isPaused = true
    this.#adjust()
  }

  /** The hub takes what waits, and then what the network brings. */
  resume(): void {
    this.#isPaused = false
    if (this.#waiting.length > 0) this.#place.wait()
    else this.#adjust()
  }

  /** Forgets what waits. Reads on, for the end that the client says, unless it floods the hub. */
  end({ isRead }: { readonly isRead: boolean }): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#waiting.length = 0
    this.#clearDeadline()
    this.#place.leave()
    if (isRead) return this.#options.socket.resume()
    this.#options.socket.pause()
    // The rest of a flood, which may be ten thousand frames.
    dropUnread(this.#options.socket)
  }

  #adjust(): void {
    if (this.#isEnded) return
    const isReading = !this.#isPaused && !this.#isHeld && this.#waiting.length === 0
    if (isReading === this.#isReading) return
    this.#isReading = isReading
    if (!isReading) return this.#options.socket.pause()
    // Nothing could come meanwhile.
    if (this.#deadline !== undefined) {
      this.#clearDeadline()
      this.#deadline = this.#startDeadline()
    }
    this.#options.socket.resume()
  }

  /** Counts the time of the piece that was not counted yet. */
  #spend(): void {
    const nowMs = this.#place.now()
    this.#place.spend(nowMs - this.#countedMs)
    this.#countedMs = nowMs
  }

  #startDeadline(): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#isReading) this.#connection?.overdue()
    }, this.#options.messageDeadlineMs)
  }

  #clearDeadline(): void {
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }
}
