/**
 * The frames of sessions on a bus: each is signed by its session, whose id certifies the key. spec S68
 *
 * @module
 */
import { BoundedMap, ByteReader, concatBytes, textToBytes, uintToBytes } from '@conclave/base'
import { importVerifyKey, verifyBytes } from '@conclave/crypto/verify'
import { deriveParticipantId } from '@conclave/e2ee/session'
import {
  ID_BYTES,
  PROOF_BYTES,
  SESSION_KEY_BYTES,
  bytesToParticipantId,
  idToBytes,
} from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'

/** The messages of sessions on a bus. */
export type BusMessage =
  /** It is there. `sequence` counts these; `asks` wants one back. */
  | { readonly kind: 'here'; readonly sequence: number; readonly asks: boolean }
  /** It ends. */
  | { readonly kind: 'leave' }
  /** Sealed bytes of the room. `sequence` counts these. */
  | { readonly kind: 'message'; readonly sequence: number; readonly payload: Uint8Array }
  /** It has the receiver's messages with these sequences. */
  | { readonly kind: 'receipt'; readonly sequences: readonly number[] }

/** A frame whose signature was not looked at yet. */
export interface BusFrame {
  /** `undefined`: everyone. */
  readonly to: ParticipantId | undefined
  readonly message: BusMessage
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly signed: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/** Signs for a session; the id certifies the key. */
export interface BusSigner {
  readonly signingKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** The bytes of a frame, signed for this room. */
export async function signBusFrame(
  message: BusMessage,
  options: {
    readonly session: BusSigner
    readonly room: RoomId
    readonly to?: ParticipantId | undefined
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { session, room, to } = options
  const signed = concatBytes(
    [KINDS.indexOf(message.kind)],
    session.signingKey,
    to === undefined ? EVERYONE : idToBytes(to),
    encodeBody(message),
  )
  return concatBytes(signed, await session.sign(statementOf(room, signed)))
}

/** Reads a frame; `undefined`, not throws, for anything else. */
export function decodeBusFrame(bytes: Uint8Array<ArrayBuffer>): BusFrame | undefined {
  const signed = bytes.slice(0, -PROOF_BYTES)
  const reader = new ByteReader(signed)
  const kind = KINDS[reader.uint(1)]
  const signingKey = reader.copy(SESSION_KEY_BYTES)
  const receiver = reader.take(ID_BYTES)
  if (!reader.ok || kind === undefined) return undefined
  const message = decodeBody(kind, reader)
  if (message === undefined) return undefined
  const signature = bytes.slice(-PROOF_BYTES)
  return { to: bytesToParticipantId(receiver), message, signingKey, signed, signature }
}

/** Verifies the frames of a room. The keys of sessions that were heard are kept ready, within a bound. */
export class BusVerifier {
  readonly #room: RoomId
  readonly #signers = new BoundedMap<string, Promise<Signer>>(MAX_SIGNERS)

  constructor(room: RoomId) {
    this.#room = room
  }

  /** The session that signed a frame for this room; `undefined`, not throws, when none did. */
  async verify({ signingKey, signed, signature }: BusFrame): Promise<ParticipantId | undefined> {
    const [key, id] = await this.#signerOf(signingKey)
    const isSigned = key && (await verifyBytes(key, signature, statementOf(this.#room, signed)))
    return isSigned ? id : undefined
  }

  #signerOf(signingKey: Uint8Array<ArrayBuffer>): Promise<Signer> {
    const name = signingKey.join()
    let signer = this.#signers.get(name)
    if (signer === undefined) {
      signer = Promise.all([importVerifyKey(signingKey), deriveParticipantId(signingKey)])
      this.#signers.set(name, signer)
    }
    return signer
  }
}

/** A key and the id that it certifies; without a key nothing verifies. */
type Signer = readonly [CryptoKey | undefined, ParticipantId | undefined]

/** The most sequences of one receipt. */
export const MAX_RECEIPT = 128

const encodeBody = (message: BusMessage): Uint8Array => {
  switch (message.kind) {
    case 'here':
      return concatBytes(uintToBytes(message.sequence, SEQUENCE_BYTES), [message.asks ? 1 : 0])
    case 'leave':
      return new Uint8Array()
    case 'message':
      return concatBytes(uintToBytes(message.sequence, SEQUENCE_BYTES), message.payload)
    case 'receipt':
      return concatBytes(...message.sequences.map((each) => uintToBytes(each, SEQUENCE_BYTES)))
  }
}

const decodeBody = (kind: BusMessage['kind'], reader: ByteReader): BusMessage | undefined => {
  switch (kind) {
    case 'here': {
      const sequence = reader.uint(SEQUENCE_BYTES)
      const asks = reader.uint(1)
      return reader.ok && reader.left === 0 && asks < 2
        ? { kind, sequence, asks: asks === 1 }
        : undefined
    }
    case 'leave':
      return reader.left === 0 ? { kind } : undefined
    case 'message': {
      const sequence = reader.uint(SEQUENCE_BYTES)
      const payload = reader.copy(reader.left)
      return reader.ok && payload.length > 0 ? { kind, sequence, payload } : undefined
    }
    case 'receipt': {
      const count = reader.left / SEQUENCE_BYTES
      if (!Number.isInteger(count) || count < 1 || count > MAX_RECEIPT) return undefined
      return { kind, sequences: Array.from({ length: count }, () => reader.uint(SEQUENCE_BYTES)) }
    }
  }
}

const statementOf = (room: RoomId, signed: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes(LABEL, idToBytes(room), signed)

const KINDS = ['here', 'leave', 'message', 'receipt'] as const
const EVERYONE = new Uint8Array(ID_BYTES)
const SEQUENCE_BYTES = 6
/** As many as sessions are remembered. spec S69 */
const MAX_SIGNERS = 256
const LABEL = textToBytes('conclave/1 bus frame\0')
