/**
 * The part that both sides of a transfer share: its state, its pauses and its end.
 *
 * @module
 */
import { type Clock, Emitter } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { FileTransfer, FileTransferEvents, TransferState } from './file-api.ts'
import type { FileBody, OfferedFile, TransferId } from './file-body.ts'
import type { FileEnd, FileEndReason, ToldReason } from './file-end.ts'
import type { FileFrame } from './file-frame.ts'
import { ProgressMeter, type TransferProgress } from './transfer-progress.ts'

/** The needs of a transfer. */
export interface TransferContext {
  readonly id: TransferId
  /** The other side. */
  readonly participant: ParticipantId
  readonly file: OfferedFile
  readonly clock: Clock
  /** Says something to the other side, over the hub. */
  readonly say: (body: FileBody) => void
  /** Hands a frame to the path. */
  readonly carry: (frame: FileFrame) => Promise<void>
  /** The transfer ended: it takes no place from now on. */
  readonly ended: () => void
  /** Something that came was dropped. */
  readonly drop: (reason: 'not-authentic' | 'flood') => void
}

/** One side of a transfer. */
export abstract class Transfer implements FileTransfer {
  readonly participant: ParticipantId
  readonly name: string
  readonly size: number
  readonly type: string
  readonly done: Promise<FileEnd>
  protected readonly context: TransferContext
  readonly #emitter = new Emitter<FileTransferEvents>()
  readonly #meter: ProgressMeter
  readonly #paused = { self: false, other: false }
  #isAccepted = false
  #end: FileEnd | undefined
  #resolve: (end: FileEnd) => void = () => {}

  get [Symbol.toStringTag](): string {
    return 'Transfer'
  }

  constructor(context: TransferContext) {
    const { participant, file } = context
    this.context = context
    this.participant = participant
    this.name = file.name
    this.size = file.size
    this.type = file.type
    this.#meter = new ProgressMeter(file.size)
    this.done = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get state(): TransferState {
    if (this.#end !== undefined) return 'ended'
    if (!this.#isAccepted) return 'offered'
    return this.#paused.self || this.#paused.other ? 'paused' : 'active'
  }

  get pausedBy(): { readonly self: boolean; readonly other: boolean } {
    return { ...this.#paused }
  }

  get progress(): TransferProgress {
    return this.#meter.at(this.context.clock.now())
  }

  on<T extends keyof FileTransferEvents>(
    type: T,
    handler: (event: FileTransferEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  pause(): void {
    this.#setOwnPause(true)
  }

  resume(): void {
    this.#setOwnPause(false)
  }

  cancel(): void {
    this.end('cancelled')
  }

  /** Takes a frame of the other side, with the name of this transfer. */
  abstract receive(frame: FileFrame): void

  /** The path to the other side stands again. */
  abstract pathReady(): void

  /** Takes the word of the other side that it pauses. */
  pausedThere(paused: boolean): void {
    if (this.#end !== undefined || this.#paused.other === paused) return
    this.#paused.other = paused
    this.#moved()
  }

  /** Ends the transfer, and tells the other side unless it knows. */
  end(reason: FileEndReason, by: FileEnd['by'] = 'self'): void {
    if (this.#end !== undefined) return
    this.#end = { reason, by }
    const { id, say, ended } = this.context
    if (by === 'self' && reason !== 'left' && reason !== 'closed') {
      say({ type: 'end', id, reason: reason satisfies ToldReason })
    }
    this.finished(this.#end)
    ended()
    this.#emitter.emit('changed', { state: 'ended' })
    this.#resolve(this.#end)
  }

  /** Whether it ended. */
  protected get isOver(): boolean {
    return this.#end !== undefined
  }

  /** The transfer begins. */
  protected accepted(): void {
    if (this.#isAccepted) return
    this.#isAccepted = true
    this.#moved()
  }

  /** So many bytes are with the receiver. */
  protected reach(bytes: number): void {
    if (!this.#meter.reach(Math.min(bytes, this.size), this.context.clock.now())) return
    this.#emitter.emit('progress', this.progress)
  }

  /** Content may move, or may move no longer. */
  protected abstract moved(): void

  /** Ends what this side does. */
  protected abstract finished(end: FileEnd): void

  #setOwnPause(paused: boolean): void {
    if (this.#end !== undefined || this.#paused.self === paused) return
    this.#paused.self = paused
    this.context.say({ type: 'pause', id: this.context.id, paused })
    this.#moved()
  }

  #moved(): void {
    this.#meter.restart(this.context.clock.now())
    this.moved()
    this.#emitter.emit('changed', { state: this.state })
  }
}
