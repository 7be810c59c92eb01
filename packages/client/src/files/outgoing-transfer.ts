import { RateLimiter, equalBytes } from '@conclave/base'
import {
  type FileParts,
  PART_BYTES,
  beginContent,
  countParts,
  createFileParts,
  linkContent,
  type TransferSecrets,
} from '@conclave/e2ee/files'
import { ContentReader } from './content-reader.ts'
import type { FileEnd } from './file-end.ts'
import { type FileFrame, decodeWish } from './file-frame.ts'
import { Transfer, type TransferContext } from './file-transfer.ts'
import {
  type SendingState,
  beginSending,
  isAllSent,
  partTaken,
  partToSend,
  takeWish,
} from './sending-state.ts'
import { RUNS } from './transfer-bounds.ts'

/** The sender's side of a transfer. */
export class OutgoingTransfer extends Transfer {
  readonly #reader: ContentReader
  readonly #secrets: TransferSecrets
  readonly #parts: Promise<FileParts>
  readonly #runs = new RateLimiter(RUNS)
  /** The links of the content from the confirmed chunk on: what is read again must be the same. spec R205 */
  readonly #linkByChunk = new Map<number, Uint8Array<ArrayBuffer>>()
  #state: SendingState
  #wishes: Promise<void> = Promise.resolve()
  #waitingWishes = 0
  #isSending = false
  /** Whether the path takes frames; after it did not the receiver has to ask. */
  #hasPath = true

  override get [Symbol.toStringTag](): string {
    return 'OutgoingTransfer'
  }

  constructor(
    context: TransferContext,
    { content, secrets }: { readonly content: Blob; readonly secrets: TransferSecrets },
  ) {
    super(context)
    this.#reader = new ContentReader(content)
    this.#secrets = secrets
    this.#parts = createFileParts(secrets)
    // Whoever uses them gets the failure.
    this.#parts.catch(() => {})
    this.#state = beginSending(countParts(content.size))
  }

  /** Whether everything was sent once, the checksum too: before that nobody can have received it. */
  get isAllSent(): boolean {
    return isAllSent(this.#state)
  }

  receive(frame: FileFrame): void {
    if (frame.type !== 'wish' || this.#waitingWishes >= MAX_WAITING_WISHES) {
      return this.context.drop('flood')
    }
    this.#waitingWishes += 1
    this.#wishes = this.#wishes.then(async () => {
      await this.#takeWish(frame).catch(() => this.end('unreadable'))
      this.#waitingWishes -= 1
    })
  }

  pathReady(): void {
    // The receiver asks for what it lacks: only it knows what came.
  }

  protected moved(): void {
    if (!this.#isSending) void this.#send()
  }

  protected finished({ reason }: FileEnd): void {
    if (reason === 'received') this.reach(this.size)
    this.#reader.forget()
    this.#linkByChunk.clear()
  }

  async #takeWish({ run, index, sealed }: FileFrame): Promise<void> {
    // It cannot be new: it is not even opened.
    if (this.isOver || index <= this.#state.wish) return
    const parts = await this.#parts
    const opened = await parts.open({ side: 'receiver', run, index }, sealed)
    const wish = opened && decodeWish(opened)
    if (wish === undefined) return this.context.drop('not-authentic')
    if (this.isOver) return
    const outcome = takeWish(this.#state, { ...wish, run, number: index })
    if (outcome.type === 'old') return
    if (outcome.type === 'misbehaved') return this.end('misbehaved')
    if (outcome.isNewRun && !this.#runs.take(this.context.clock.now()))
      return this.context.drop('flood')
    const before = this.#state.confirmed
    this.#state = outcome.state
    for (let at = before; at < outcome.state.confirmed; at += 1) this.#linkByChunk.delete(at)
    if (outcome.isNewRun) this.#begin()
    this.accepted()
    this.reach(outcome.state.confirmed * PART_BYTES)
    this.moved()
  }

  /** A run begins: what is read again is what the file has now. */
  #begin(): void {
    this.#reader.forget()
    this.#hasPath = true
  }

  /** Sends as long as the receiver and the path want more; a few parts are sealed at the same time. */
  async #send(): Promise<void> {
    this.#isSending = true
    const carried: Promise<void>[] = []
    try {
      const parts = await this.#parts
      while (this.state === 'active' && this.#hasPath) {
        const index = partToSend(this.#state)
        if (index === undefined) break
        const { run } = this.#state
        const content = await this.#read(index)
        // A new run may have begun meanwhile, or the receiver has the chunk from an earlier one.
        if (this.#state.run !== run || this.#state.next !== index) continue
        this.#state = partTaken(this.#state)
        const sealing = parts.seal({ side: 'sender', run, index }, content)
        carried.push(this.#carry(sealing, { run, index, after: carried.at(-1) }))
        if (carried.length >= MAX_AHEAD) await carried.shift()
      }
      await Promise.all(carried)
    } catch {
      this.end('unreadable')
    }
    this.#isSending = false
    // Something may have changed in the last step.
    if (this.state === 'active' && this.#hasPath && partToSend(this.#state) !== undefined) {
      void this.#send()
    }
  }

  async #carry(
    sealing: Promise<Uint8Array<ArrayBuffer>>,
    given: {
      readonly run: number
      readonly index: number
      readonly after: Promise<void> | undefined
    },
  ): Promise<void> {
    const { run, index, after } = given
    const sealed = await sealing
    await after
    if (this.isOver) return
    try {
      await this.context.carry({ type: 'part', id: this.context.id, run, index, sealed })
    } catch {
      // The receiver asks for another run when the path is back.
      this.#hasPath = false
    }
  }

  /** The content of a part: a chunk, or the digest behind the last one. */
  async #read(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const link = await this.#linkBefore(index)
    if (index === this.#state.chunks) return link
    const chunk = await this.#reader.read(index)
    const next = await linkContent(link, chunk)
    const known = this.#linkByChunk.get(index + 1)
    if (known !== undefined && !equalBytes(known, next)) throw new Error('the file was changed')
    if (index >= this.#state.confirmed) this.#linkByChunk.set(index + 1, next)
    return chunk
  }

  async #linkBefore(index: number): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#linkByChunk.get(index)
    if (known !== undefined) return known
    if (index > 0) throw new Error('unreachable: the chunk was confirmed')
    return beginContent({ id: this.#secrets.id, size: this.size })
  }
}

/** The path seals and carries one after the other. */
const MAX_AHEAD = 2
const MAX_WAITING_WISHES = 16
