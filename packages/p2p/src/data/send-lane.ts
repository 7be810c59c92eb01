/**
 * The sending end of one data channel: seals records, and hands over no more than the platform can send soon.
 *
 * @module
 */
import { TaskQueue } from '@conclave/base'
import { P2pError } from '../errors.ts'
import { MAX_SEALED_RECORD_BYTES, encodeDataRecords } from './data-record.ts'

/** The most bytes that wait to be sent to one peer in one kind of channels. spec S92 */
const MAX_WAITING_DATA_BYTES: number = 2 ** 25
/** The most messages that wait. spec S92 */
const MAX_WAITING_DATA_MESSAGES = 4_096

/** Options of a {@link SendLane}. */
export interface SendLaneOptions {
  readonly peer: string
  readonly raw: RTCDataChannel
  /** The most bytes that the platform holds back. */
  readonly maxBufferedBytes: number
  readonly seal: (record: Uint8Array) => Promise<Uint8Array>
  /** A record was not sealed, so that the next ones are worth nothing. */
  readonly broken: () => void
}

/** Sends messages in the order of the calls, while they are sealed at the same time. spec S90, S92 */
export class SendLane {
  readonly #options: SendLaneOptions
  readonly #queue = new TaskQueue({ maxWaiting: MAX_WAITING_DATA_MESSAGES })
  readonly #closing = new AbortController()
  #sequence = 0
  #waitingBytes = 0

  constructor(options: SendLaneOptions) {
    this.#options = options
    const { raw, maxBufferedBytes } = options
    raw.bufferedAmountLowThreshold = maxBufferedBytes / 4
  }

  /** Whether it takes nothing: its channel closes, closed or is not open yet. */
  get isClosed(): boolean {
    return this.#closing.signal.aborted || this.#options.raw.readyState !== 'open'
  }

  /**
   * Resolves when the message was handed over and there is room for more. Reads the bytes before it returns.
   *
   * @throws P2pError `ERR_P2P_DATA_CLOSED`, `ERR_P2P_DATA_QUEUE_FULL`; always as a rejection
   */
  async send(channel: string, bytes: Uint8Array): Promise<void> {
    if (this.isClosed) throw this.#closedError()
    const waitingBytes = this.#waitingBytes + bytes.length
    if (waitingBytes > MAX_WAITING_DATA_BYTES || this.#queue.size >= MAX_WAITING_DATA_MESSAGES) {
      throw new P2pError('ERR_P2P_DATA_QUEUE_FULL', { peer: this.#options.peer })
    }
    this.#waitingBytes = waitingBytes
    const records = encodeDataRecords({ channel, bytes }, this.#sequence)
    this.#sequence += records.length
    const sealing = records.map((record) => this.#seal(record))
    try {
      await this.#queue.run(() => this.#pass(sealing))
    } finally {
      this.#waitingBytes -= bytes.length
    }
  }

  /** Refuses what waits. */
  close(): void {
    this.#closing.abort()
    this.#queue.abandon(this.#closedError())
  }

  #seal(record: Uint8Array): Promise<Uint8Array> {
    const sealing = this.#options.seal(record)
    // Nobody listens to it before its turn, and a rejection would count as unhandled.
    sealing.catch(() => undefined)
    return sealing
  }

  async #pass(sealing: readonly Promise<Uint8Array>[]): Promise<void> {
    const { raw, maxBufferedBytes, broken } = this.#options
    for (const each of sealing) {
      let sealed: Uint8Array
      try {
        sealed = await each
        if (sealed.length > MAX_SEALED_RECORD_BYTES) throw new RangeError('the seal adds too much')
      } catch (cause) {
        if (!this.isClosed) broken()
        throw this.#closedError(cause)
      }
      if (this.isClosed) throw this.#closedError()
      try {
        raw.send(new Uint8Array(sealed))
      } catch (cause) {
        throw this.#closedError(cause)
      }
      if (raw.bufferedAmount > maxBufferedBytes) await this.#drained()
    }
  }

  /** Waits until the platform has sent most of what it holds back. */
  async #drained(): Promise<void> {
    const { raw } = this.#options
    const { signal } = this.#closing
    await new Promise<void>((resolve) => {
      const done = (): void => {
        raw.removeEventListener('bufferedamountlow', done)
        raw.removeEventListener('close', done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      raw.addEventListener('bufferedamountlow', done)
      raw.addEventListener('close', done)
      signal.addEventListener('abort', done)
    })
    if (this.isClosed) throw this.#closedError()
  }

  #closedError(cause?: unknown): P2pError {
    const { peer } = this.#options
    return new P2pError('ERR_P2P_DATA_CLOSED', { peer }, cause === undefined ? {} : { cause })
  }
}
