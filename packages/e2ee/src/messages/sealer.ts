import {
  checkInteger,
  copyBytes,
  describeType,
  viewBytes,
  OrderedResults,
  textToBytes,
} from '@conclave/base'
import type { Awaitable } from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { dropped, droppedForKey, UNKNOWN_KEY } from '../core/dropped.ts'
import { decryptUnder, encryptUnder } from '../core/keyed-cipher.ts'
import { E2eeError } from '../errors.ts'
import { isEventKeys, unknownKeyError } from '../keys/event-keys.ts'
import type { EventKeys, SealingKey, UsableKey } from '../keys/event-keys.ts'
import { checkEpoch } from '../keys/epoch.ts'
import type { KeySource } from '../keys/key-source.ts'
import { closedError } from '../keys/export-info.ts'
import { cipherContext } from './message-cipher.ts'
import {
  AUDIENCES,
  decodeEnvelopeHeader,
  encodeEnvelopeHeader,
  headerLength,
  MAX_BODY_BYTES,
  MAX_SEALED_BYTES,
  SALT_BYTES,
} from './message-envelope.ts'
import type { Audience, EnvelopeHeader } from './message-envelope.ts'
import { randomParticipantId } from '../random-ids.ts'
import { isPurposeOf, messagePurpose } from './message-purpose.ts'
import { MAX_PEERS, PeerTable } from './peer-table.ts'
import type { Opened, Sealed } from './sealed-message.ts'
import { MAX_MESSAGES_PER_KEY } from './send-counter.ts'

/** Bounds of a sealer; the defaults suit a page. spec P12 */
export interface SealerLimits {
  /** Senders, and as many recipients, over the life of the sealer. */
  readonly maxPeers?: number
  /** Messages of a stream under one key; at most the default, 2^32. */
  readonly maxMessagesPerKey?: number
}

/** Seals the messages that one session sends in one room, and opens those that it receives. chapter payload */
export interface Sealer {
  /** The id of this session, as which it seals. You must bring it to the others with each message. */
  readonly self: ParticipantId

  /**
   * Seals a body for the room, or for one participant of it, under the key that is current at the call. Sequences follow the order of the calls, and so do the results for each recipient. The body is read before
   * the call returns. A call that fails after it took its sequence leaves a gap.
   *
   * @param options.isData seals it in the stream of data to `to`, which has its own sequences and its own replay window
   * @throws E2eeError `ERR_E2EE_TOO_LARGE`, `ERR_E2EE_EXHAUSTED`, `ERR_E2EE_TOO_MANY_PEERS`, `ERR_E2EE_CLOSED`,
   *   `ERR_E2EE_UNKNOWN_KEY` without a key from which others can be derived, and when the key retires meanwhile;
   *   always as a rejection
   */
  seal(options: SealOptions, body: Uint8Array): Promise<Sealed>

  /**
   * Opens bytes that a carrier attributes to `sender`. Returns `dropped`, never throws, for any bytes that do not open;
   * rejects only with errors of the key source other than a missing key. Of several copies of a message one opens.
   * Results for each sender follow the order of the calls. `bytes` are read before the call returns.
   *
   * You must bound the number of pending calls: each keeps its bytes until it resolves.
   */
  open(sender: ParticipantId, bytes: Uint8Array): Promise<Opened>

  /** The sequence that the next message to this recipient gets; left out: to the room. */
  next(to?: ParticipantId): bigint

  /**
   * Drops this sender's messages below `sequence` as `replay` from now on. You must take the sequence from an opened
   * message of that sender, and call this for each participant who was there before you: else a carrier can deliver
   * messages from before you joined. Has no effect when the table of senders is full, because messages of a new sender
   * do not open then. spec P10
   */
  expect(sender: ParticipantId, audience: Audience, sequence: bigint): void

  /** Drops the keys of a peer who left. Its opened messages stay replays if it comes back. spec P13 */
  forget(peer: ParticipantId): void

  /** Ends sealing and opening, and drops the keys of the room. The keyring or key source stays open. spec P14 */
  close(): void
}

/**
 * Makes the sealer of one session in one room, with a fresh random id, {@link Sealer.self}, or that of the participant whose key
 * source it is. spec P1, P17
 *
 * @param options.keys a key source, or a keyring whose current key is a secret of 32 bytes: no key of streams can be
 *   derived from a bare `CryptoKey`
 * @param options.unsafeSelf an id that the session has elsewhere. You must never give it to another sealer, nor store it: receivers
 *   drop the messages of a second sealer of a session as `other-sealer`
 * @throws TypeError, RangeError for malformed arguments, and for another id than the participant's of a participant key source
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function createSealer(options: {
  readonly keys: EventKeys
  readonly room: RoomId
  readonly unsafeSelf?: ParticipantId | undefined
  readonly limits?: SealerLimits
}): Sealer {
  if ('self' in options) throw new TypeError('"self" is drawn')
  const { keys, unsafeSelf = (keys as Partial<KeySource>)?.self ?? randomParticipantId() } = options
  return new SessionSealer({ ...options, self: unsafeSelf })
}

/** Says what is sealed, and for whom. */
export interface SealOptions {
  /** A u8 of the application's choice. */
  readonly kind: number
  /** The one recipient; left out: everyone in the room. */
  readonly to?: ParticipantId | undefined
  /** Whether it belongs to the stream of data to `to`. */
  readonly isData?: boolean | undefined
}

/** The options of a {@link SessionSealer}. */
export interface SessionSealerOptions {
  readonly keys: EventKeys
  readonly room: RoomId
  readonly self: ParticipantId
  readonly limits?: SealerLimits
}

/** The sealer of one session. Not for applications. */
export class SessionSealer implements Sealer {
  /** From a body to the bytes behind the header, and back, for sealers that put more into the seal than the body. */
  protected encrypt: EncryptMessage = encryptUnder
  /** Answers as {@link decryptUnder}: `undefined` before the message takes its place. spec C22 */
  protected decrypt: DecryptMessage = decryptUnder
  readonly #keys: EventKeys
  readonly #room: RoomId
  readonly self: ParticipantId
  readonly #salt = randomBytes(SALT_BYTES)
  readonly #peers: PeerTable
  readonly #sealOrder = new OrderedResults()
  readonly #openOrder = new OrderedResults()
  #closed = false

  get [Symbol.toStringTag](): string {
    return 'SessionSealer'
  }

  constructor(options: SessionSealerOptions) {
    const { keys, room, self, limits = {} } = options
    if (!isEventKeys(keys)) {
      throw new TypeError(`"keys" expected Keyring or KeySource, got ${describeType(keys)}`)
    }
    checkId('room', room, parseRoomId)
    checkId('self', self, parseParticipantId)
    keys.checkSender('self', self)
    const { maxPeers = MAX_PEERS, maxMessagesPerKey = MAX_MESSAGES_PER_KEY } = limits
    this.#peers = new PeerTable({
      maxPeers: checkLimit('maxPeers', maxPeers, MAX_PEERS),
      maxMessagesPerKey: checkLimit('maxMessagesPerKey', maxMessagesPerKey, MAX_MESSAGES_PER_KEY),
    })
    this.#keys = keys
    this.#room = room
    this.self = self
  }

  async seal({ kind, to, isData }: SealOptions, body: Uint8Array): Promise<Sealed> {
    if (this.#closed) throw closedError()
    checkInteger('kind', kind, { min: 0, max: 255 })
    // Data has a recipient.
    if (to !== undefined || isData) this.#checkPeer('to', to)
    const purpose = messagePurpose(this.#room, to, this.#salt)
    const sealing = this.#keys.sealingKey({ purpose, sender: this.self, contextId: this.#room })
    // A counter for a nonce is safe only under a key that no other session seals with.
    if (!sealing.derived) throw unknownKeyError(sealing)
    checkBodyLength(body?.length, sealing)
    const copy = copyBytes('body', body)
    const { keyId, epoch } = sealing
    const stream = isData ? `data ${to}` : to
    const audience = AUDIENCES[isData ? 2 : Number(to !== undefined)] as Audience
    const sequence = this.#peers.takeSequence(stream, sealing.count)
    const header = { kind, audience, keyId, epoch, sequence, salt: this.#salt }
    return this.#sealOrder.after(stream ?? 'room', this.#seal(header, { sealing, to, body: copy }))
  }

  async open(sender: ParticipantId, bytes: Uint8Array): Promise<Opened> {
    checkId('sender', sender, parseParticipantId)
    const copy = viewBytes(bytes)?.slice(0, MAX_SEALED_BYTES + 1)
    if (copy === undefined) {
      throw new TypeError(`"bytes" expected Uint8Array, got ${describeType(bytes)}`)
    }
    return this.#openOrder.after(sender, this.#open(sender, copy))
  }

  next(to?: ParticipantId): bigint {
    if (to !== undefined) this.#checkPeer('to', to)
    return BigInt(this.#peers.nextSequence(to))
  }

  expect(sender: ParticipantId, audience: Audience, sequence: bigint): void {
    this.#checkPeer('sender', sender)
    checkEpoch(sequence, 'sequence')
    this.#peers.raiseFloor(sender, audience, Number(sequence))
  }

  forget(peer: ParticipantId): void {
    this.#checkPeer('peer', peer)
    const room = this.#room
    this.#keys.forgetKeys(
      (purpose, sender) =>
        isPurposeOf(purpose, room, peer) || (sender === peer && isPurposeOf(purpose, room)),
    )
  }

  close(): void {
    this.#closed = true
    this.#keys.forgetKeys((purpose) => isPurposeOf(purpose, this.#room))
  }

  async #seal(
    header: EnvelopeHeader,
    {
      sealing,
      to,
      body,
    }: {
      readonly sealing: SealingKey
      readonly to: ParticipantId | undefined
      readonly body: Uint8Array<ArrayBuffer>
    },
  ): Promise<Sealed> {
    const clear = encodeEnvelopeHeader(header)
    try {
      const context = cipherContext(clear, { room: this.#room, sender: this.self, recipient: to })
      const bytes = await this.encrypt(sealing, context, body, header)
      if (this.#closed || !sealing.confirm()) throw unknownKeyError(sealing)
      return { sequence: BigInt(header.sequence), bytes }
    } catch (error) {
      // A key source that closes with its sealer makes keys unknown.
      throw this.#closed ? closedError() : error
    }
  }

  async #open(sender: ParticipantId, bytes: Uint8Array<ArrayBuffer>): Promise<Opened> {
    const header = decodeEnvelopeHeader(bytes)
    if (header === undefined) return dropped('malformed')
    if (sender === this.self) return dropped('reflected')
    const { kind, audience, keyId, epoch, sequence, salt } = header
    const refusal = this.#peers.refusal(sender, header)
    if (refusal) return dropped(refusal)
    if (this.#closed) return droppedForKey(UNKNOWN_KEY, header)
    const room = this.#room
    const recipient = audience === 'room' ? undefined : this.self
    const purpose = messagePurpose(room, recipient, salt)
    const request = { purpose, sender, contextId: room, keyId, epoch, derived: true }
    const opening = this.#keys.openingKey(request)
    if (!('key' in opening)) return droppedForKey(opening, header)
    const end = headerLength(bytes)
    const context = cipherContext(bytes.subarray(0, end), { room, sender, recipient })
    const decrypted = await this.decrypt(opening, context, bytes.subarray(end), {
      header,
      sender,
    })
    if (decrypted === undefined) return dropped('not-authentic')
    if ('type' in decrypted) return droppedForKey(decrypted, header)
    if (this.#closed || !opening.confirm()) return droppedForKey(UNKNOWN_KEY, header)
    // Others may have been accepted meanwhile: look again in the step that takes the place. spec P9
    const late = this.#peers.accept(sender, header)
    if (late) return dropped(late)
    return {
      type: 'opened',
      kind,
      audience,
      keyId,
      epoch,
      sequence: BigInt(sequence),
      body: decrypted,
    }
  }

  #checkPeer(name: string, peer: ParticipantId | undefined): void {
    checkId(name, peer, parseParticipantId)
    if (peer === this.self) throw new RangeError(`"${name}" is "self"`)
  }
}

/** Encrypts as {@link encryptUnder}. */
export type EncryptMessage = (
  sealing: SealingKey,
  context: CipherContext,
  body: Uint8Array<ArrayBuffer>,
  header: EnvelopeHeader,
) => Awaitable<Uint8Array<ArrayBuffer>>

/** Decrypts as {@link decryptUnder}. */
export type DecryptMessage = (
  opening: Pick<UsableKey, 'key'>,
  context: CipherContext,
  sealed: Uint8Array<ArrayBuffer>,
  from: { readonly header: EnvelopeHeader; readonly sender: ParticipantId },
) => ReturnType<typeof decryptUnder>

type CipherContext = ReturnType<typeof cipherContext>

function checkId(name: string, id: unknown, parse: (id: unknown) => unknown): void {
  if (parse(id) !== undefined) return
  throw new TypeError(`"${name}" expected an id, got ${describeType(id)}`)
}

const checkLimit = (name: string, value: number, max: number): number =>
  checkInteger(`limits.${name}`, value, { min: 1, max })

/** The key id takes room from the body. spec P5 */
function checkBodyLength(byteLength: number, { keyId }: SealingKey): void {
  const maxBytes = MAX_BODY_BYTES - textToBytes(keyId).length
  if (byteLength > maxBytes) throw new E2eeError('ERR_E2EE_TOO_LARGE', { byteLength, maxBytes })
}
