/**
 * The receiving end of one data channel: opens records, and puts messages together.
 *
 * @module
 */
import { ReplayWindow, TaskQueue, viewBytes } from '@conclave/base'
import type { SignalDropReason } from '../signalling/drop-reason.ts'
import { MAX_SEALED_RECORD_BYTES, decodeDataRecord } from './data-record.ts'
import type { DataRecord } from './data-record.ts'
import type { DataKind } from './raw-channels.ts'

/** The most bytes of received records that wait to be opened. spec S92 */
const MAX_OPENING_DATA_BYTES: number = 2 ** 26

/** Options of a {@link ReceiveLane}. */
export interface ReceiveLaneOptions {
  readonly kind: DataKind
  readonly open: (sealed: Uint8Array) => Promise<Uint8Array | undefined>
  readonly received: (channel: string, bytes: Uint8Array<ArrayBuffer>) => void
  readonly dropped: (reason: SignalDropReason) => void
  /** Something is missing in what is to come whole. spec S94 */
  readonly broken: () => void
}

/** Takes nothing but records that authenticate, each once, and those of a reliable channel in their order. spec S91 */
export class ReceiveLane {
  readonly #options: ReceiveLaneOptions
  readonly #queue = new TaskQueue({ maxWaiting: Infinity })
  readonly #window = new ReplayWindow(WINDOW)
  /** Of the reliable channel: the sequence of the next record. */
  #next = 0
  /** The message that has begun and is not complete; its buffer is as long as it is to be. */
  #message: { readonly channel: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined
  #filled = 0
  #openingBytes = 0

  constructor(options: ReceiveLaneOptions) {
    this.#options = options
  }

  /** Takes what a data channel delivers, of any form. */
  receive(data: unknown): void {
    if (this.#queue.closed) return
    const sealed = viewBytes(data)
    if (sealed === undefined || sealed.length > MAX_SEALED_RECORD_BYTES) {
      return this.#fault('data-malformed')
    }
    // Empty records occupy memory as well.
    const cost = sealed.length + RECORD_COST
    if (this.#openingBytes + cost > MAX_OPENING_DATA_BYTES) return this.#fault('data-overflow')
    this.#openingBytes += cost
    const opening = this.#options.open(sealed).catch(() => undefined)
    const done = this.#queue.run(async () => this.#take(await opening))
    // It rejects only when it is abandoned.
    done?.finally(() => (this.#openingBytes -= cost)).catch(() => undefined)
  }

  /** Takes nothing more. */
  close(): void {
    this.#queue.abandon()
    this.#message = undefined
  }

  #take(opened: Uint8Array | undefined): void {
    if (this.#queue.closed) return
    if (opened === undefined) return this.#fault('data-not-authentic')
    const record = decodeDataRecord(opened)
    if (record === undefined) return this.#fault('data-malformed')
    if (this.#options.kind === 'unreliable') return this.#takeAlone(record)
    const { sequence } = record
    if (sequence < this.#next) return this.#options.dropped('data-replay')
    if (sequence > this.#next) return this.#fault('data-gap')
    this.#next += 1
    this.#append(record)
  }

  #takeAlone({ sequence, first, isLast, piece }: DataRecord): void {
    if (!isLast || first?.byteLength !== piece.length) return this.#fault('data-malformed')
    if (!this.#window.accept(sequence)) return this.#options.dropped('data-replay')
    this.#options.received(first.channel, piece)
  }

  #append({ first, isLast, piece }: DataRecord): void {
    // A message begins where none has begun, and goes on where one has.
    if ((first === undefined) !== (this.#message !== undefined))
      return this.#fault('data-malformed')
    if (first !== undefined) {
      this.#message = { channel: first.channel, bytes: new Uint8Array(first.byteLength) }
      this.#filled = 0
    }
    const { channel = '', bytes = piece } = this.#message ?? {}
    const filled = this.#filled + piece.length
    if (filled > bytes.length || isLast !== (filled === bytes.length)) {
      return this.#fault('data-malformed')
    }
    bytes.set(piece, this.#filled)
    this.#filled = filled
    if (!isLast) return
    this.#message = undefined
    this.#options.received(channel, bytes)
  }

  #fault(reason: SignalDropReason): void {
    this.#options.dropped(reason)
    if (this.#options.kind === 'unreliable') return
    this.close()
    this.#options.broken()
  }
}

/** How many of the last records of an unreliable channel are told apart. spec S91 */
const WINDOW = 1_024
const RECORD_COST = 256
