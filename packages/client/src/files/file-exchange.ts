/**
 * The transfers of one session: it sorts what comes to them, and bounds how many there are. spec R190 to R201
 *
 * @module
 */
import { type Clock, RateLimiter, encodeBase64Url } from '@conclave/base'
import { MAX_PARTS_SIZE, generateTransferSecrets } from '@conclave/e2ee/files'
import type { ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import {
  type FileBody,
  type OfferedFile,
  type TransferId,
  decodeFileBody,
  encodeFileBody,
} from './file-body.ts'
import { decodeFileFrame, encodeFileFrame } from './file-frame.ts'
import type { FilePath } from './file-path.ts'
import type { Transfer, TransferContext } from './file-transfer.ts'
import { IncomingTransfer } from './incoming-transfer.ts'
import { OutgoingTransfer } from './outgoing-transfer.ts'
import { MAX_TRANSFERS, OFFERS } from './transfer-bounds.ts'

export { dataFilePath } from './data-file-path.ts'
export { sendingOf } from './file-sending.ts'

/** Why something about a file was dropped. */
export type FileDrop = 'malformed-body' | 'not-authentic' | 'flood'

/** The needs of a {@link FileExchange}. */
export interface FileExchangeOptions {
  readonly clock: Clock
  readonly path: FilePath
  /** Seals a body to one session of the roster. */
  readonly send: (to: ParticipantId, body: Uint8Array<ArrayBuffer>) => Promise<void>
  /** Hands an offer to the application; `false` when it takes none. */
  readonly offered: (file: IncomingTransfer) => boolean
  readonly drop: (reason: FileDrop) => void
}

/** A file to be sent. */
export interface FileToSend extends OfferedFile {
  readonly content: Blob
}

/** Offers, takes and ends files. */
export class FileExchange {
  readonly #options: FileExchangeOptions
  readonly #transfers = {
    out: new Map<TransferId, OutgoingTransfer>(),
    in: new Map<TransferId, IncomingTransfer>(),
  }
  readonly #offersById = new Map<
    ParticipantId,
    { readonly in: RateLimiter; readonly out: RateLimiter }
  >()
  readonly #stops: readonly (() => void)[]

  get [Symbol.toStringTag](): string {
    return 'FileExchange'
  }

  constructor(options: FileExchangeOptions) {
    this.#options = options
    const { path } = options
    this.#stops = [
      path.on('bytes', ({ from, bytes }) => this.#receiveFrame(from, bytes)),
      path.on('ready', ({ participant }) => {
        for (const transfer of this.#with(participant)) transfer.pathReady()
      }),
    ]
  }

  /**
   * Offers a file to participants of the roster, one transfer for each.
   *
   * @throws ClientError `ERR_CLIENT_FILE`: `too-large`, or `too-many` for one of them; then nobody is offered anything
   */
  offer(file: FileToSend, participants: readonly ParticipantId[]): readonly OutgoingTransfer[] {
    const { content, ...described } = file
    if (content.size > MAX_PARTS_SIZE) throw fileError('too-large')
    const now = this.#options.clock.now()
    const isFree = participants.every((to) => this.#hasSpace('out', to, participants.length))
    const mayOffer = (to: ParticipantId): boolean => this.#offersOf(to).out.take(now)
    if (!isFree || !participants.every(mayOffer)) throw fileError('too-many')
    return participants.map((participant) => {
      const secrets = generateTransferSecrets()
      const id = encodeBase64Url(secrets.id)
      const context = this.#contextOf({ id, participant, file: described, direction: 'out' })
      const transfer = new OutgoingTransfer(context, { content, secrets })
      this.#transfers.out.set(id, transfer)
      context.say({ type: 'offer', secrets, file: described })
      return transfer
    })
  }

  /** Takes a message from a session of the roster. */
  receive(from: ParticipantId, bytes: Uint8Array): void {
    const body = decodeFileBody(bytes)
    if (body === undefined) return this.#options.drop('malformed-body')
    if (body.type === 'offer') return this.#receiveOffer(from, body)
    const { out, in: incoming } = this.#transfers
    const transfer = out.get(body.id) ?? incoming.get(body.id)
    // It ended here, or never was.
    if (transfer?.participant !== from) return
    if (body.type === 'pause') return transfer.pausedThere(body.paused)
    // Only the receiver knows that it has received.
    const isClaim = body.reason === 'received' && !this.#mayBeReceived(transfer)
    transfer.end(isClaim ? 'misbehaved' : body.reason, isClaim ? 'self' : 'other')
  }

  /** A participant left the roster: nothing more goes to it or comes from it. spec R200 */
  left(participant: ParticipantId): void {
    for (const transfer of this.#with(participant)) transfer.end('left', 'other')
    this.#offersById.delete(participant)
  }

  /** The session ended. */
  close(): void {
    for (const stop of this.#stops) stop()
    for (const transfer of this.#all()) transfer.end('closed')
  }

  #receiveOffer(
    from: ParticipantId,
    { secrets, file }: Extract<FileBody, { type: 'offer' }>,
  ): void {
    const { clock, drop, offered } = this.#options
    if (!this.#offersOf(from).in.take(clock.now())) return drop('flood')
    const id = encodeBase64Url(secrets.id)
    const isKnown = this.#transfers.in.has(id) || this.#transfers.out.has(id)
    if (isKnown) return drop('malformed-body')
    const context = this.#contextOf({ id, participant: from, file, direction: 'in' })
    if (!this.#hasSpace('in', from)) return context.say({ type: 'end', id, reason: 'too-many' })
    const transfer = new IncomingTransfer(context, secrets)
    this.#transfers.in.set(id, transfer)
    if (!offered(transfer)) transfer.end('unsupported')
  }

  #receiveFrame(from: ParticipantId, bytes: Uint8Array): void {
    const frame = decodeFileFrame(bytes)
    if (frame === undefined) return this.#options.drop('malformed-body')
    const direction = frame.type === 'part' ? 'in' : 'out'
    const transfer = this.#transfers[direction].get(frame.id)
    // A transfer that ended here, or that is somebody else's.
    if (transfer?.participant === from) transfer.receive(frame)
  }

  #mayBeReceived(transfer: Transfer): boolean {
    return transfer instanceof OutgoingTransfer && transfer.isAllSent
  }

  #contextOf(given: {
    readonly id: TransferId
    readonly participant: ParticipantId
    readonly file: OfferedFile
    readonly direction: 'in' | 'out'
  }): TransferContext {
    const { id, participant, file, direction } = given
    const { clock, path, send, drop } = this.#options
    return {
      ...{ id, participant, file, clock, drop },
      say: (body) => {
        const said = send(participant, encodeFileBody(body))
        // It found no space. What is said at an end is said for the other side only.
        said.catch(() => this.#transfers[direction].get(id)?.end('closed'))
      },
      carry: (frame) => path.send(participant, encodeFileFrame(frame)),
      ended: () => void this.#transfers[direction].delete(id),
    }
  }

  #hasSpace(direction: 'in' | 'out', participant: ParticipantId, more = 1): boolean {
    const open = [...this.#transfers[direction].values()]
    const withIt = open.filter((transfer) => transfer.participant === participant)
    return withIt.length < MAX_TRANSFERS.each && open.length + more <= MAX_TRANSFERS.all
  }

  #offersOf(participant: ParticipantId): { readonly in: RateLimiter; readonly out: RateLimiter } {
    const { perSecond, burst } = OFFERS
    const known = this.#offersById.get(participant)
    if (known !== undefined) return known
    // This session makes fewer than the other one takes: clocks differ.
    const own = new RateLimiter({ perSecond: perSecond / 2, burst: burst / 2 })
    const made = { in: new RateLimiter(OFFERS), out: own }
    this.#offersById.set(participant, made)
    return made
  }

  #all(): readonly Transfer[] {
    return [...this.#transfers.out.values(), ...this.#transfers.in.values()]
  }

  #with(participant: ParticipantId): readonly Transfer[] {
    return this.#all().filter((transfer) => transfer.participant === participant)
  }
}

const fileError = (reason: 'too-large' | 'too-many'): ClientError<'ERR_CLIENT_FILE'> =>
  new ClientError('ERR_CLIENT_FILE', { reason })
