import { TaskQueue, equalBytes } from '@conclave/base'
import {
  type FileParts,
  PART_BYTES,
  type TransferSecrets,
  beginContent,
  countParts,
  createFileParts,
  linkContent,
  partLength,
} from '@conclave/e2ee/files'
import {
  OBJECT,
  checkArgument,
  either,
  oneOf,
  optional,
  withMethods,
  type Kind,
} from '../arguments.ts'
import { ClientError } from '../errors.ts'
import { type DiskSink, openDiskSink } from './disk-sink.ts'
import type { AcceptFileOptions, IncomingFile } from './file-api.ts'
import type { FileEnd, FileFailure } from './file-end.ts'
import { type FileFrame, encodeWish } from './file-frame.ts'
import { type FileSink, memorySink, writableSink } from './file-sink.ts'
import { Transfer, type TransferContext } from './file-transfer.ts'
import {
  type ReceivingState,
  beginReceiving,
  isExpecting,
  isWishDue,
  makeWish,
  placePart,
} from './receiving-state.ts'
import {
  FIRST_SILENCE_MS,
  MAX_BLOB_BYTES,
  RUN_PAUSE_MS,
  SILENCE_MS,
  TELLING_MS,
  WINDOW_PARTS,
} from './transfer-bounds.ts'

/** The receiver's side of a transfer. */
export class IncomingTransfer extends Transfer implements IncomingFile {
  readonly #secrets: TransferSecrets
  readonly #parts: Promise<FileParts>
  readonly #queue = new TaskQueue({ maxWaiting: WINDOW_PARTS })
  #state: ReceivingState
  #link: Uint8Array | undefined
  #sink: FileSink | undefined
  #disk: DiskSink | undefined
  /** The writes of the sink, one after the other. */
  #writing: Promise<void> = Promise.resolve()
  #failure: unknown
  #file: Blob | undefined
  #isOpening = false
  /** Wishes that wait for the path. */
  #carrying = 0
  #timer: unknown
  #heardAt = 0
  #toldAt = 0
  #runAt = Number.NEGATIVE_INFINITY
  /** Parts are missing, and nothing asked for them yet. */
  #isAskDue = false
  #askTimer: unknown

  override get [Symbol.toStringTag](): string {
    return 'IncomingTransfer'
  }

  constructor(context: TransferContext, secrets: TransferSecrets) {
    super(context)
    this.#secrets = secrets
    this.#parts = createFileParts(secrets)
    // Whoever uses them gets the failure.
    this.#parts.catch(() => {})
    this.#state = beginReceiving(countParts(this.size))
  }

  async accept(options: AcceptFileOptions = {}): Promise<Blob | undefined> {
    checkArgument('options', options, OBJECT)
    checkArgument('to', options.to, optional(TARGET))
    if (this.state !== 'offered' || this.#isOpening) throw fileError('accepted')
    this.#isOpening = true
    try {
      this.#sink = await this.#open(options.to)
    } finally {
      this.#isOpening = false
    }
    if (this.state !== 'offered') await this.#sink.abort(new Error('the transfer ended'))
    else this.accepted()
    const { reason } = await this.done
    if (reason === 'received') return this.#file
    throw fileError(reason, this.#failure)
  }

  refuse(): void {
    this.end('refused')
  }

  async remove(): Promise<void> {
    await this.#disk?.remove()
  }

  receive(frame: FileFrame): void {
    if (frame.type !== 'part' || this.#sink === undefined) return this.context.drop('flood')
    const place = placePart(this.#state, frame)
    if (place === 'other') return
    const task = (): Promise<void> => this.#takePart(frame)
    const taken = this.#queue.run(task)
    if (taken === undefined) return this.context.drop('flood')
    taken.catch((error: unknown) => this.#fail(error))
  }

  pathReady(): void {
    if (this.#sink !== undefined) this.#askAgain()
  }

  protected moved(): void {
    const { clock } = this.context
    clock.clearTimeout(this.#timer)
    this.#heardAt = clock.now()
    if (this.#sink === undefined || this.isOver || this.pausedBy.self) return
    // Also while the sender pauses: it learns that the file is accepted.
    this.#wish({ isNewRun: this.#isAskDue && this.state === 'active' })
    if (this.state === 'active') this.#listen()
  }

  protected finished(end: FileEnd): void {
    const { clock } = this.context
    clock.clearTimeout(this.#timer)
    clock.clearTimeout(this.#askTimer)
    if (end.reason !== 'received') void this.#sink?.abort(fileError(end.reason))
  }

  async #open(to: AcceptFileOptions['to']): Promise<FileSink> {
    if (to === undefined) {
      if (this.size > MAX_BLOB_BYTES) throw fileError('too-large')
      return memorySink(this.type)
    }
    if (to !== 'disk') return writableSink(to)
    this.#disk = await openDiskSink(this.name)
    if (this.#disk === undefined) throw fileError('no-disk')
    return this.#disk
  }

  async #takePart({ run, index, sealed }: FileFrame): Promise<void> {
    // Others may have come before it.
    const place = placePart(this.#state, { run, index })
    if (this.isOver || place === 'other') return
    if (place === 'ahead') return this.#askAgain()
    const parts = await this.#parts
    const content = await parts.open({ side: 'sender', run, index }, sealed)
    if (content === undefined) return this.context.drop('not-authentic')
    if (this.isOver) return
    const { clock } = this.context
    this.#heardAt = clock.now()
    const { id } = this.#secrets
    this.#link ??= await beginContent({ id, size: this.size })
    if (index === this.#state.chunks) {
      // The sender may say it once only.
      this.#state = { ...this.#state, next: index + 1 }
      return equalBytes(content, this.#link) ? this.#finish() : this.end('not-authentic')
    }
    if (content.length !== partLength(this.size, index)) return this.end('not-authentic')
    this.#link = await linkContent(this.#link, content)
    this.#state = { ...this.#state, next: index + 1 }
    this.#write(content)
    this.reach((index + 1) * PART_BYTES)
  }

  #write(content: Uint8Array<ArrayBuffer>): void {
    const sink = this.#sink
    this.#writing = this.#writing.then(async () => {
      if (this.isOver) return
      await sink?.write(content)
      this.#state = { ...this.#state, written: this.#state.written + 1 }
      const isTime = this.context.clock.now() - this.#toldAt >= TELLING_MS
      const isDue = isTime || isWishDue(this.#state)
      if (isDue && this.state === 'active') this.#wish({ isNewRun: false })
    })
    this.#writing.catch((error: unknown) => this.#fail(error))
  }

  /** Everything is here and verified: the file counts once the storage has all of it. spec R198 */
  async #finish(): Promise<void> {
    await this.#writing
    if (this.isOver) return
    this.#file = await this.#sink?.finish()
    this.end('received')
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.end('unwritable')
  }

  /** Parts are missing: asks for them now, or as soon as it may. spec R195 */
  #askAgain(): void {
    this.#isAskDue = true
    // A wish that waits for the path may be one of before. `moved` asks after a pause.
    if (this.#carrying > 0 || this.state !== 'active') return
    const { clock } = this.context
    const waitMs = this.#runAt + RUN_PAUSE_MS - clock.now()
    clock.clearTimeout(this.#askTimer)
    if (waitMs <= 0) this.#wish({ isNewRun: true })
    else this.#askTimer = clock.setTimeout(() => this.#askDue(), waitMs)
  }

  #askDue(): void {
    if (this.#isAskDue) this.#askAgain()
  }

  #wish(options: { readonly isNewRun: boolean }): void {
    if (this.isOver) return
    const now = this.context.clock.now()
    const { state, wish } = makeWish(this.#state, options)
    if (state.run > this.#state.run) {
      this.#runAt = now
      this.#isAskDue = false
    }
    this.#state = state
    this.#toldAt = now
    this.#carrying += 1
    // One that is lost is repeated after some silence.
    const isOver = (): void => {
      this.#carrying -= 1
      this.#askDue()
    }
    void this.#carry(wish).then(isOver, isOver)
  }

  async #carry({ run, number, ...wish }: ReturnType<typeof makeWish>['wish']): Promise<void> {
    const parts = await this.#parts
    const place = { side: 'receiver', run, index: number } as const
    const sealed = await parts.seal(place, encodeWish(wish))
    await this.context.carry({ type: 'wish', id: this.context.id, run, index: number, sealed })
  }

  /** Asks again after each silence, as long as something is expected. spec R195 */
  #listen(): void {
    const { clock } = this.context
    const isUnheard = this.#state.next === 0
    this.#timer = clock.setTimeout(
      () => {
        // The sender may not have been ready for the first wish.
        if (isUnheard && this.#state.next === 0 && this.#carrying === 0) {
          this.#wish({ isNewRun: false })
        } else if (clock.now() - this.#heardAt >= SILENCE_MS && isExpecting(this.#state)) {
          this.#askAgain()
        }
        this.#listen()
      },
      isUnheard ? FIRST_SILENCE_MS : SILENCE_MS,
    )
  }
}

const fileError = (reason: FileFailure, cause?: unknown): ClientError<'ERR_CLIENT_FILE'> =>
  new ClientError('ERR_CLIENT_FILE', { reason }, cause === undefined ? {} : { cause })

const TARGET: Kind = either(oneOf('disk'), withMethods('getWriter', 'abort'))
