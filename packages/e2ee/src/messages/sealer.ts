import { idToBytes, parseParticipantId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { copyBytes, isBytes } from '../bytes.ts'
import { CallOrder } from '../call-order.ts'
import {
  decodeEnvelopeHeader,
  MAX_BODY_BYTES,
  MAX_SEALED_BYTES,
  MAX_SEQUENCE,
} from './message-envelope.ts'
import type { Audience, EnvelopeHeader } from './message-envelope.ts'
import { E2eeError } from '../errors.ts'
import type { KeySource } from '../keys/key-source.ts'
import { openMessage, sealMessage } from './message-cipher.ts'
import { MAX_PEERS, PeerTable } from './peer-table.ts'
import { MAX_MESSAGES_PER_KEY } from './send-counter.ts'
import type { DroppedMessage, DropReason, Opened, Sealed } from './sealed-message.ts'
import { MAX_STREAM_KEYS, StreamKeys } from './stream-keys.ts'

/** Bounds of a sealer; the defaults suit a page. spec P12 */
export interface SealerLimits {
  /** Senders, and as many recipients, over the life of the sealer. */
  readonly maxPeers?: number
  /** Derived keys that are kept ready. */
  readonly maxStreamKeys?: number
  /** Messages of a stream in one epoch; at most the default, 2^32. */
  readonly maxMessagesPerKey?: number
}

/** Seals what one session sends in one room, and opens what it receives. chapter payload */
export interface Sealer {
  /**
   * Seals a body for the room, or for one participant of it, in the key source's epoch of this moment.
   * Sequences follow the order of the calls, and so do the results for each recipient. The body is read before
   * the call returns. A call that fails after it took its sequence leaves a gap.
   *
   * @throws E2eeError `ERR_E2EE_TOO_LARGE`, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_TOO_MANY_PEERS`,
   *   `ERR_E2EE_UNKNOWN_EPOCH` when the epoch was retired meanwhile, `ERR_E2EE_CLOSED`; always as a rejection
   */
  seal(
    options: { readonly kind: number; readonly to?: ParticipantId | undefined },
    body: Uint8Array,
  ): Promise<Sealed>

  /**
   * Opens bytes that a carrier says are from `sender`. Answers `dropped`, never throws, whatever the bytes are;
   * rejects only with what the key source throws beyond an unknown epoch. Of copies of a message one opens.
   * Results for each sender follow the order of the calls. `bytes` are read before the call returns.
   *
   * You must bound how many calls are under way: each keeps its bytes until it is answered.
   */
  open(sender: ParticipantId, bytes: Uint8Array): Promise<Opened>

  /** The sequence that the next message to this recipient gets; left out: to the room. */
  next(to?: ParticipantId): bigint

  /**
   * Drops what this sender sent below `sequence` as `replay`, from now on. You must take the sequence from a
   * message of that sender which opened, and call this for a participant who was there before you: else a
   * carrier can show you what was said before you came. Without effect when the table of senders is full, as
   * nothing of a new sender opens then. spec P10
   */
  expect(sender: ParticipantId, audience: Audience, sequence: bigint): void

  /** Drops the keys of a peer who left. What was seen of it stays seen, should it come back. spec P13 */
  forget(peer: ParticipantId): void

  /** Drops all keys: nothing is sealed or opened any more. The key source stays the caller's. spec P14 */
  close(): void
}

/**
 * Makes the sealer of one session in one room.
 *
 * You must give every session its own fresh random id (`randomParticipantId`), and make one sealer only for
 * an id: a second one starts its counters again under the same keys, which gives the keys away. spec P2
 *
 * @throws TypeError, RangeError for ids or limits that cannot be such
 */
export function createSealer(options: {
  readonly keys: KeySource
  readonly room: RoomId
  readonly self: ParticipantId
  readonly limits?: SealerLimits
}): Sealer {
  return new SessionSealer(options)
}

class SessionSealer implements Sealer {
  readonly #source: KeySource
  readonly #keys: StreamKeys
  readonly #room: Uint8Array
  readonly #self: ParticipantId
  readonly #peers: PeerTable
  readonly #sealOrder = new CallOrder()
  readonly #openOrder = new CallOrder()
  readonly #unsubscribe: () => void
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'SessionSealer'
  }

  constructor(options: Parameters<typeof createSealer>[0]) {
    const { keys, room, self, limits = {} } = options
    checkParticipant('self', self)
    const checkedLimits = {
      maxPeers: checkLimit('maxPeers', limits.maxPeers ?? MAX_PEERS, MAX_PEERS),
      maxMessagesPerKey: checkLimit(
        'maxMessagesPerKey',
        limits.maxMessagesPerKey ?? MAX_MESSAGES_PER_KEY,
        MAX_MESSAGES_PER_KEY,
      ),
    }
    const maxKeys = checkLimit('maxStreamKeys', limits.maxStreamKeys ?? MAX_STREAM_KEYS, 2 ** 20)
    this.#source = keys
    this.#room = idToBytes(room)
    this.#self = self
    this.#peers = new PeerTable(checkedLimits)
    this.#keys = new StreamKeys({ source: keys, room, maxKeys })
    this.#unsubscribe = keys.on('epochRetired', (event) => this.#keys.retire(event))
  }

  async seal(
    { kind, to }: { readonly kind: number; readonly to?: ParticipantId | undefined },
    body: Uint8Array,
  ): Promise<Sealed> {
    if (this.#closed) throw closedError()
    if (!Number.isInteger(kind) || kind < 0 || kind > 255) {
      throw new RangeError(`"kind" expected 0 to 255, got ${kind}`)
    }
    if (to !== undefined) this.#checkPeer('to', to)
    if (isBytes(body) && body.length > MAX_BODY_BYTES) throw tooLargeError(body.length)
    const copy = copyBytes('body', body)
    const { epoch } = this.#source
    const sequence = this.#peers.takeSequence(to, epoch)
    const header = { kind, audience: audienceOf(to), epoch, sequence }
    return this.#sealOrder.after(to ?? 'room', this.#seal(header, { to, body: copy }))
  }

  async open(sender: ParticipantId, bytes: Uint8Array): Promise<Opened> {
    checkParticipant('sender', sender)
    if (!isBytes(bytes)) throw new TypeError(`"bytes" expected Uint8Array, got ${typeof bytes}`)
    const copy = bytes.length > MAX_SEALED_BYTES ? new Uint8Array() : new Uint8Array(bytes)
    return this.#openOrder.after(sender, this.#open(sender, copy))
  }

  next(to?: ParticipantId): bigint {
    if (to !== undefined) this.#checkPeer('to', to)
    return BigInt(this.#peers.nextSequence(to))
  }

  expect(sender: ParticipantId, audience: Audience, sequence: bigint): void {
    this.#checkPeer('sender', sender)
    if (typeof sequence !== 'bigint' || sequence < 0n) {
      throw new RangeError('"sequence" expected a bigint that is not negative')
    }
    const floor = sequence > BEYOND ? BEYOND : sequence
    this.#peers.ensureWindow(sender, audience)?.raiseFloor(Number(floor))
  }

  forget(peer: ParticipantId): void {
    this.#checkPeer('peer', peer)
    this.#keys.forget(peer)
  }

  close(): void {
    this.#closed = true
    this.#unsubscribe()
    this.#keys.clear()
  }

  async #seal(
    header: EnvelopeHeader,
    {
      to,
      body,
    }: { readonly to: ParticipantId | undefined; readonly body: Uint8Array<ArrayBuffer> },
  ): Promise<Sealed> {
    const context = { room: this.#room, sender: this.#self, recipient: to }
    try {
      const bytes = await this.#keys.use({ epoch: header.epoch, ...context }, (key) =>
        sealMessage(key, header, { context, body }),
      )
      if (bytes === undefined) throw new Error('unreachable: sealing always has a result')
      return { sequence: BigInt(header.sequence), bytes }
    } catch (error) {
      throw this.#closed ? closedError() : error
    }
  }

  async #open(sender: ParticipantId, bytes: Uint8Array<ArrayBuffer>): Promise<Opened> {
    const header = decodeEnvelopeHeader(bytes)
    if (header === undefined) return dropped('malformed')
    if (sender === this.#self) return dropped('reflected')
    const { kind, audience, epoch, sequence } = header
    if (this.#peers.windowOf(sender, audience)?.isFresh(sequence) === false)
      return dropped('replay')
    if (!this.#peers.hasRoomFor(sender)) return dropped('too-many-peers')
    if (this.#closed) return { type: 'dropped', reason: 'unknown-epoch', epoch }
    const recipient = audience === 'direct' ? this.#self : undefined
    const context = { room: this.#room, sender, recipient }
    let body: Uint8Array<ArrayBuffer> | undefined
    try {
      const work = (key: CryptoKey) => openMessage(key, bytes, { context })
      body = await this.#keys.use({ epoch, ...context }, work)
    } catch (error) {
      if (!isKeyGone(error)) throw error
      return { type: 'dropped', reason: 'unknown-epoch', epoch }
    }
    if (body === undefined) return dropped('not-authentic')
    this.#source.confirm(epoch, sender)
    // Others may have been accepted meanwhile: look again in the step that moves the window. spec P9
    const window = this.#peers.ensureWindow(sender, audience)
    if (window === undefined) return dropped('too-many-peers')
    if (!window.accept(sequence)) return dropped('replay')
    return { type: 'opened', kind, audience, sequence: BigInt(sequence), epoch, body }
  }

  #checkPeer(name: string, peer: ParticipantId): void {
    checkParticipant(name, peer)
    if (peer === this.#self)
      throw new RangeError(`"${name}" expected another participant than self`)
  }
}

function checkParticipant(name: string, id: ParticipantId): void {
  if (parseParticipantId(id) === undefined) {
    throw new TypeError(`"${name}" expected a participant id, got type=${typeof id}`)
  }
}

function checkLimit(name: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new RangeError(`"limits.${name}" expected 1 to ${max}, got ${value}`)
}

const audienceOf = (to: ParticipantId | undefined): Audience =>
  to === undefined ? 'room' : 'direct'

/** Without `isE2eeError`, whose table of all codes would weigh on every page that seals. */
const isKeyGone = (error: unknown): boolean => {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code
  return code === 'ERR_E2EE_UNKNOWN_EPOCH' || code === 'ERR_E2EE_CLOSED'
}

const closedError = (): E2eeError<'ERR_E2EE_CLOSED'> =>
  new E2eeError('ERR_E2EE_CLOSED', undefined, { message: 'the sealer is closed' })

const tooLargeError = (byteLength: number): E2eeError<'ERR_E2EE_TOO_LARGE'> =>
  new E2eeError(
    'ERR_E2EE_TOO_LARGE',
    { byteLength, maxBytes: MAX_BODY_BYTES },
    { message: `a body of ${byteLength} bytes does not fit` },
  )

const dropped = (reason: Exclude<DropReason, 'unknown-epoch'>): DroppedMessage => ({
  type: 'dropped',
  reason,
})

const BEYOND = BigInt(MAX_SEQUENCE) + 1n
