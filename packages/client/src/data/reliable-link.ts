/**
 * Messages to and from one participant, once and in order, whatever its path loses, repeats or reorders: numbered bytes that are
 * confirmed and repeated. spec R175
 *
 * @module
 */
import { type Clock, RateLimiter, backoffMs, concatBytes, uintToBytes } from '@conclave/base'
import { MessageReader } from './message-reader.ts'
import { OutgoingLog } from './outgoing-log.ts'
import { type StreamFrame, encodeStreamFrame, STREAM_HEADER_BYTES } from './topic-frame.ts'

/** Where both directions of a link stand; they outlive the link, because its two sessions may meet again. */
export interface LinkPosition {
  /** The end of the bytes that this session wrote. */
  readonly written: number
  /** The bytes that it took, up to the end of a message. */
  readonly taken: number
}

/** The needs of a {@link ReliableLink}. */
export interface ReliableLinkOptions {
  readonly clock: Clock
  /** The most bytes of a frame. */
  readonly maxBytes: number
  /** Sends a frame when there is space; rejects when it cannot. */
  readonly send: (frame: Uint8Array<ArrayBuffer>) => Promise<void>
  readonly received: (message: Uint8Array<ArrayBuffer>) => void
  readonly dropped: (reason: 'flood' | 'malformed-body') => void
  readonly from?: LinkPosition | undefined
}

/** One participant's link. It never gives up by itself: it ends with the participant. */
export class ReliableLink {
  readonly #options: ReliableLinkOptions
  readonly #log: OutgoingLog
  readonly #reader: MessageReader
  readonly #limiter = new RateLimiter(TAKEN)
  readonly #waiting: Waiting[] = []
  #tries = 0
  #progressAtMs: number
  /** One that is asked for a repetition repeats once, until something is confirmed. */
  #mayGoBack = true
  #asks = false
  #unconfirmed = 0
  #owesConfirmation = false
  #isRunning = false
  #isDue = false
  #hasEnded = false
  #repeatTimer: unknown
  #confirmTimer: unknown

  constructor(options: ReliableLinkOptions) {
    const { from } = options
    this.#options = options
    this.#log = new OutgoingLog(from?.written ?? 0)
    this.#reader = new MessageReader(from?.taken ?? 0)
    this.#progressAtMs = options.clock.now()
  }

  /** Where it stands, for a later link with the same participant. */
  get position(): LinkPosition {
    return { written: this.#log.end, taken: this.#reader.boundary }
  }

  /**
   * Takes a message. Resolves to whether it is taken: one that finds no space waits, and is refused when the participant confirms
   * nothing for 15 s, or leaves.
   */
  write(message: Uint8Array): Promise<boolean> {
    const bytes = concatBytes(uintToBytes(message.length, 4), message)
    if (this.#hasEnded) return Promise.resolve(false)
    if (this.#log.isIdle) this.#progressAtMs = this.#options.clock.now()
    if (this.#waiting.length === 0 && this.#log.add(bytes)) {
      this.#run()
      return Promise.resolve(true)
    }
    const isStalled = this.#options.clock.now() - this.#progressAtMs >= STALLED_MS
    if (isStalled || this.#waiting.length >= MAX_WAITING) return Promise.resolve(false)
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }))
  }

  /** A frame of the participant came. */
  receive({ first, offset, confirmed, asks, bytes }: StreamFrame): void {
    if (this.#hasEnded) return
    this.#confirmed(confirmed, asks)
    if (bytes.length === 0) return
    const { clock, dropped, received } = this.#options
    if (this.#limiter.waitMs(clock.now()) > 0) return dropped('flood')
    const taken = this.#reader.take({ first, offset, bytes }, (message) => {
      this.#limiter.force(clock.now())
      received(message)
    })
    if (taken === 'malformed') return dropped('malformed-body')
    this.#asks = taken === 'missing'
    // Its sender should know at once.
    if (taken !== 'taken') return this.#confirmNow()
    this.#unconfirmed += 1
    if (this.#unconfirmed >= CONFIRMED_TOGETHER) return this.#confirmNow()
    this.#confirmTimer ??= clock.setTimeout(() => this.#confirmNow(), CONFIRM_MS)
  }

  /** The path may have lost something. */
  pathChanged(): void {
    this.#log.goBack()
    this.#tries = 0
    this.#run()
  }

  /** Ends its timers; what waits is refused. */
  close(): void {
    this.#hasEnded = true
    const { clock } = this.#options
    clock.clearTimeout(this.#repeatTimer)
    clock.clearTimeout(this.#confirmTimer)
    this.#refuseWaiting()
  }

  #confirmed(upTo: number, asks: boolean): void {
    if (this.#log.confirm(upTo)) {
      this.#tries = 0
      this.#mayGoBack = true
      this.#progressAtMs = this.#options.clock.now()
      this.#admitWaiting()
      this.#setTimer()
      return this.#run()
    }
    if (!asks || !this.#mayGoBack || this.#log.isIdle) return
    this.#mayGoBack = false
    this.#log.goBack()
    this.#run()
  }

  #admitWaiting(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#log.add(next.bytes)) return
      this.#waiting.shift()
      next.resolve(true)
    }
  }

  #refuseWaiting(): void {
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(false)
  }

  #confirmNow(): void {
    this.#owesConfirmation = true
    this.#run()
  }

  #run(): void {
    this.#isDue = true
    if (!this.#isRunning) void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#isRunning = true
    while (this.#isDue && !this.#hasEnded) {
      this.#isDue = false
      const next = this.#log.next(this.#options.maxBytes - STREAM_HEADER_BYTES)
      if (next === undefined && !this.#owesConfirmation) break
      this.#isDue = true
      await this.#send(next ?? { offset: this.#log.end, bytes: new Uint8Array() })
    }
    this.#isRunning = false
  }

  async #send(part: { readonly offset: number; readonly bytes: Uint8Array }): Promise<void> {
    const { clock, send } = this.#options
    this.#owesConfirmation = false
    this.#unconfirmed = 0
    clock.clearTimeout(this.#confirmTimer)
    this.#confirmTimer = undefined
    const place = { first: this.#log.start, confirmed: this.#reader.taken, asks: this.#asks }
    try {
      await send(encodeStreamFrame({ ...place, ...part }))
    } catch {
      // It goes again with the next repetition.
      this.#isDue = false
    }
    this.#setTimer()
  }

  #setTimer(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#repeatTimer)
    if (this.#hasEnded || (this.#log.isIdle && this.#waiting.length === 0)) return
    this.#repeatTimer = clock.setTimeout(() => this.#repeat(), backoffMs(this.#tries, REPEAT_PAUSE))
  }

  #repeat(): void {
    this.#tries += 1
    const isStalled = this.#options.clock.now() - this.#progressAtMs >= STALLED_MS
    if (isStalled) this.#refuseWaiting()
    this.#log.goBack({ toMessage: this.#tries > 1 })
    this.#mayGoBack = true
    this.#setTimer()
    this.#run()
  }
}

interface Waiting {
  readonly bytes: Uint8Array<ArrayBuffer>
  resolve(isTaken: boolean): void
}

/** Messages that wait for space. */
const MAX_WAITING = 256
/** A participant that confirms nothing for so long keeps nobody waiting. */
const STALLED_MS = 15_000
/** Frames after which their sender is told, and how long one waits for others. */
const CONFIRMED_TOGETHER = 8
const CONFIRM_MS = 40
const REPEAT_PAUSE = { firstMs: 500, maxMs: 5000 }
/** Messages of one participant that are taken. */
const TAKEN = { perSecond: 4000, burst: 8000 }
