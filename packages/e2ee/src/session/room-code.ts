import { compareBytes, concatBytes, copyBytes, equalBytes, uintToBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, HASH_BYTES, wipe } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import type { RoomId } from '@conclave/wire'
import { checkRoot } from './room-root.ts'
import type { RoomRoot } from './room-root.ts'
import { encodeStatement, roomToBytes } from './statements.ts'

/** Length of the nonce that a session contributes to a room code, in bytes. spec C17 */
export const ROOM_CODE_NONCE_BYTES = 32

/** The most sessions that a room code compares. spec C17 */
export const MAX_ROOM_CODE_SESSIONS = 1024

/** One session as a room code compares it. */
export interface RoomCodeEntry {
  readonly signingKey: Uint8Array
  /** The person whose session it is, if one says so. */
  readonly personKey?: Uint8Array | undefined
  /** {@link ROOM_CODE_NONCE_BYTES}, fresh for this code. */
  readonly nonce: Uint8Array
}

/** The place to which a commitment is bound. spec C18 */
export interface RoomCodeCommitment {
  readonly room: RoomId
  /** From 0; each comparison of a room has another one. */
  readonly round: bigint
  /** Of the session that commits. */
  readonly signingKey: Uint8Array
}

/**
 * Eight digits in two groups that the members of a room see alike exactly if they see the same sessions and persons: they
 * read them to each other. The order of `entries` does not matter. You must take the nonces from a
 * {@link RoomCodeRound}: whoever chooses a nonce last also chooses the code. spec C17
 *
 * @param entries all sessions, this one included
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`, `ERR_E2EE_UNKNOWN_EPOCH`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function computeRoomCode(
  entries: readonly RoomCodeEntry[],
  { root }: { readonly root: RoomRoot },
): Promise<string> {
  checkRoot(root)
  if (entries.length < 1 || entries.length > MAX_ROOM_CODE_SESSIONS) {
    throw new RangeError(`"entries" expected 1 to ${MAX_ROOM_CODE_SESSIONS}, got ${entries.length}`)
  }
  const sorted = entries.map(encodeEntry).sort(compareBytes)
  const isTwice = sorted.some((entry, index) => {
    const before = sorted[index - 1]
    return before !== undefined && equalBytes(keyOf(before), keyOf(entry))
  })
  if (isTwice) throw new RangeError('"entries" expected each session once')
  const secret = await root.export('conclave/1 room code', new Uint8Array(), HASH_BYTES)
  const count = uintToBytes(sorted.length, 2)
  const roster = encodeStatement('room code roster', secret, count, ...sorted)
  const digest = await hashBytes(roster)
  wipe(secret, roster)
  const number = new DataView(digest.buffer).getBigUint64(0) % 10n ** BigInt(DIGITS)
  return String(number)
    .padStart(DIGITS, '0')
    .replace(/(?=.{4}$)/, ' ')
}

/**
 * The commitment of a session to its nonce. spec C18
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function commitToNonce(
  nonce: Uint8Array,
  { room, round, signingKey }: RoomCodeCommitment,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof round !== 'bigint' || round < 0n || round >= 2n ** 64n) {
    throw new RangeError('"round" expected a bigint from 0 to 2^64 - 1')
  }
  return hashBytes(
    encodeStatement(
      'room code',
      roomToBytes(room),
      uintToBytes(round, 8),
      copyBytes('signingKey', signingKey, CURVE_KEY_BYTES),
      copyBytes('nonce', nonce, ROOM_CODE_NONCE_BYTES),
    ),
  )
}

function encodeEntry({ signingKey, personKey, nonce }: RoomCodeEntry): Uint8Array<ArrayBuffer> {
  return concatBytes(
    copyBytes('signingKey', signingKey, CURVE_KEY_BYTES),
    personKey === undefined ? NO_PERSON : copyBytes('personKey', personKey, CURVE_KEY_BYTES),
    copyBytes('nonce', nonce, ROOM_CODE_NONCE_BYTES),
  )
}

const keyOf = (entry: Uint8Array): Uint8Array => entry.subarray(0, CURVE_KEY_BYTES)
const NO_PERSON = new Uint8Array(CURVE_KEY_BYTES)
const DIGITS = 8
