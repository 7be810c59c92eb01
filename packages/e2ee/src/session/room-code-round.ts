import { copyBytes, decodeBytes, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, HASH_BYTES, randomBytes } from '@conclave/crypto'
import type { ParticipantId, RoomId } from '@conclave/wire'
import {
  commitToNonce,
  computeRoomCode,
  MAX_ROOM_CODE_SESSIONS,
  ROOM_CODE_NONCE_BYTES,
} from './room-code.ts'
import type { RoomRoot } from './room-root.ts'

/** A session whose keys a room code compares. */
export interface RoomCodeMember {
  readonly id: ParticipantId
  readonly signingKey: Uint8Array
  readonly personKey?: Uint8Array | undefined
}

/** The room, the number of the comparison, and the sessions that it compares. */
export interface RoomCodeRoundOptions {
  readonly room: RoomId
  /** You must give each comparison a higher number than this session saw before. */
  readonly round: bigint
  readonly self: RoomCodeMember
  /** All other sessions of the roster. You must begin another round when the roster changes. */
  readonly others: readonly RoomCodeMember[]
}

/**
 * One comparison of a room code, at one session: each commits to a fresh nonce, and shows it when all others have
 * committed. So nobody chooses a nonce, or a key, after seeing the others' nonces. Sends nothing itself: bring what it
 * gives to all members, as signed messages to the room. spec C18, C19
 */
export class RoomCodeRound {
  /** The commitment of this session: 32 bytes. Send it to all others. */
  readonly commitment: Uint8Array<ArrayBuffer>
  readonly #options: RoomCodeRoundOptions
  readonly #nonce: Uint8Array<ArrayBuffer>
  readonly #othersById: ReadonlyMap<ParticipantId, OtherMember>

  get [Symbol.toStringTag](): string {
    return 'RoomCodeRound'
  }

  /** Not for applications: {@link createRoomCodeRound} makes it. */
  constructor(
    options: RoomCodeRoundOptions,
    own: { readonly nonce: Uint8Array<ArrayBuffer>; readonly commitment: Uint8Array<ArrayBuffer> },
  ) {
    this.#options = options
    this.#nonce = own.nonce
    this.commitment = own.commitment
    this.#othersById = new Map(options.others.map((member) => [member.id, copyMember(member)]))
  }

  /**
   * The nonce of this session, for all others: `undefined` until each of them has committed. A copy. spec C19
   */
  get nonce(): Uint8Array<ArrayBuffer> | undefined {
    for (const { commitment } of this.#othersById.values()) {
      if (commitment === undefined) return undefined
    }
    return new Uint8Array(this.#nonce)
  }

  /**
   * Takes the commitment of another session; the first one holds. Returns `false`, not throws, for a session that is not
   * compared, for another commitment than before, and for anything but 32 bytes.
   */
  receiveCommitment(id: ParticipantId, commitment: unknown): boolean {
    const other = this.#othersById.get(id)
    const bytes = decodeBytes(commitment, { min: HASH_BYTES, max: HASH_BYTES })
    if (other === undefined || bytes === undefined) return false
    other.commitment ??= bytes
    return equalBytes(other.commitment, bytes)
  }

  /**
   * Takes the nonce of another session. Returns `false`, not throws, unless it is the one that the session committed to.
   *
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async receiveNonce(id: ParticipantId, nonce: unknown): Promise<boolean> {
    const other = this.#othersById.get(id)
    const bytes = decodeBytes(nonce, { min: ROOM_CODE_NONCE_BYTES, max: ROOM_CODE_NONCE_BYTES })
    if (other?.commitment === undefined || bytes === undefined) return false
    const { room, round } = this.#options
    const expected = await commitToNonce(bytes, { room, round, signingKey: other.signingKey })
    if (!equalBytes(other.commitment, expected)) return false
    other.nonce = bytes
    return true
  }

  /**
   * The code, as {@link computeRoomCode} gives it; `undefined` until each of the others has shown its nonce.
   *
   * @throws TypeError for a root that is no key source
   * @throws E2eeError `ERR_E2EE_CLOSED`, `ERR_E2EE_UNKNOWN_EPOCH`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async code({ root }: { readonly root: RoomRoot }): Promise<string | undefined> {
    const entries = [{ ...this.#options.self, nonce: this.#nonce }]
    for (const { nonce, ...other } of this.#othersById.values()) {
      if (nonce === undefined) return undefined
      entries.push({ ...other, nonce })
    }
    return computeRoomCode(entries, { root })
  }
}

/**
 * Begins a comparison with a fresh nonce.
 *
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function createRoomCodeRound(options: RoomCodeRoundOptions): Promise<RoomCodeRound> {
  const { room, round, self, others } = options
  const ids = new Set([self, ...others].map(({ id }) => id))
  if (ids.size <= others.length || ids.size > MAX_ROOM_CODE_SESSIONS) {
    throw new RangeError(
      `"others" expected other sessions, each once, up to a total of ${MAX_ROOM_CODE_SESSIONS}`,
    )
  }
  const given = { room, round, self: copyMember(self), others: others.map(copyMember) }
  const nonce = randomBytes(ROOM_CODE_NONCE_BYTES)
  const commitment = await commitToNonce(nonce, { room, round, signingKey: given.self.signingKey })
  return new RoomCodeRound(given, { nonce, commitment })
}

interface OtherMember extends RoomCodeMember {
  commitment?: Uint8Array<ArrayBuffer>
  nonce?: Uint8Array<ArrayBuffer>
}

function copyMember({ id, signingKey, personKey }: RoomCodeMember): OtherMember {
  return {
    id,
    signingKey: copyBytes('signingKey', signingKey, CURVE_KEY_BYTES),
    personKey: personKey && copyBytes('personKey', personKey, CURVE_KEY_BYTES),
  }
}
