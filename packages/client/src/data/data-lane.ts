/**
 * Sends the data for one participant in order, as its path has space.
 *
 * @module
 */
import { RateLimiter, TaskQueue } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { DataCarrier } from './data-carrier.ts'

/** The needs of a {@link DataLane}. */
export interface DataLaneOptions {
  /** The best of those that reach the participant now. */
  readonly carrier: () => DataCarrier | undefined
  readonly seal: (body: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>
  /** How much longer a sealed body is. */
  readonly overhead: number
}

/** The way to one participant, and what waits for it. It ends when the participant leaves. */
export class DataLane {
  readonly id: ParticipantId
  /** Opens the messages that came from it, in order. */
  readonly incoming: TaskQueue = new TaskQueue({ maxWaiting: MAX_INCOMING })
  /** Bounds the messages of it that are opened. spec R173 */
  readonly limiter: RateLimiter = new RateLimiter(OPENED)
  readonly #options: DataLaneOptions
  readonly #waiting: Waiting[] = []
  #offered = 0
  #isSending = false
  #isDue = false
  #end: ClientError | undefined
  /** The one by which data went last. */
  last: DataCarrier | undefined

  constructor(id: ParticipantId, options: DataLaneOptions) {
    this.id = id
    this.#options = options
    this.last = options.carrier()
  }

  get hasEnded(): boolean {
    return this.#end !== undefined
  }

  /** Sends a body after those that wait. */
  async send(body: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = { body, sealed: undefined, resolve, reject, stop: () => {} }
      const abort = (): void => {
        const at = this.#waiting.indexOf(waiting)
        if (at >= 0) this.#waiting.splice(at, 1)
        const cause: unknown = signal?.reason
        reject(new ClientError('ERR_CLIENT_ABORTED', undefined, { cause }))
      }
      signal?.addEventListener('abort', abort)
      waiting.stop = () => signal?.removeEventListener('abort', abort)
      this.#waiting.push(waiting)
      void this.pump()
    })
  }

  /** Sends a body now, or answers `false`. */
  offer(body: Uint8Array<ArrayBuffer>): boolean {
    const { carrier, seal, overhead } = this.#options
    const isFree = this.#waiting.length === 0 && this.#offered < MAX_OFFERED
    if (this.hasEnded || !isFree || !carrier()?.hasSpace(this.id, body.length + overhead)) {
      return false
    }
    this.#offered += 1
    void seal(body)
      .then((sealed) => {
        if (!this.hasEnded) carrier()?.send(this.id, sealed, { isReliable: false })
      })
      // What cannot be sealed now is lost, as it may be on its way.
      .catch(() => {})
      .then(() => {
        this.#offered -= 1
      })
    return true
  }

  /** Sends what waits, as long as there is space. */
  async pump(): Promise<void> {
    this.#isDue = true
    if (this.#isSending) return
    this.#isSending = true
    while (this.#isDue) {
      const [first] = this.#waiting
      // There may be space again while this looks.
      this.#isDue = false
      if (first !== undefined && (await this.#advance(first))) this.#isDue = true
    }
    this.#isSending = false
  }

  /** Rejects what waits, and takes no more. */
  end(error: ClientError): void {
    this.#end = error
    void this.incoming.close()
    for (const waiting of this.#waiting.splice(0)) {
      waiting.stop()
      waiting.reject(error)
    }
  }

  /** Sends the first one; `false` when there is no space for it. */
  async #advance(first: Waiting): Promise<boolean> {
    const { carrier, seal, overhead } = this.#options
    if (!carrier()?.hasSpace(this.id, first.body.length + overhead)) return false
    try {
      first.sealed ??= await seal(first.body)
      // It was aborted meanwhile, or the participant left.
      if (this.#waiting[0] !== first) return true
      // Not the one from before, perhaps: the same bytes go by any.
      if (carrier()?.send(this.id, first.sealed, { isReliable: true }) !== true) return false
      first.resolve()
    } catch (cause) {
      first.reject(new ClientError('ERR_CLIENT_MESSAGE_FAILED', undefined, { cause }))
    }
    if (this.#waiting[0] === first) this.#waiting.shift()
    first.stop()
    return true
  }
}

interface Waiting {
  readonly body: Uint8Array<ArrayBuffer>
  sealed: Uint8Array<ArrayBuffer> | undefined
  resolve(): void
  reject(error: Error): void
  /** Listens to no signal from now on. */
  stop(): void
}

/** Calls that may wait for space. */
const MAX_WAITING = 64
/** Messages that are offered and being sealed. */
const MAX_OFFERED = 16
/** Messages of one session that wait to be opened. */
const MAX_INCOMING = 256
const OPENED = { perSecond: 4000, burst: 8000 }
