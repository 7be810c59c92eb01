import { checkInstance, concatBytes, copyBytes, decodeBytes, uintToBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { bytesToParticipantId, ID_BYTES, idToBytes, parseParticipantId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { checkEpoch } from './epoch.ts'
import { CHAIN_SECRET_BYTES } from './key-chain.ts'

/** Length of an encoded grant in bytes. spec K29 */
export const PARTICIPANT_KEY_GRANT_BYTES: number = 10 + ID_BYTES + CHAIN_SECRET_BYTES

/** The participant whose key a grant gives, and the epochs that it opens. */
export interface GrantedEpoch {
  readonly participant: ParticipantId
  readonly epoch: bigint
  /** Whether the holder follows when the participant ratchets; else the grant opens only this epoch. */
  readonly following: boolean
  /** Whether the participant does not seal in the epoch yet. Left out: it does. spec K32 */
  readonly prepared?: boolean
}

/**
 * A key that decrypts the messages of a participant. String and JSON conversions redact it. You must seal it to its
 * receiver, authenticated as the participant's own, and `wipe` it when it was sent. spec K29
 */
export class ParticipantKeyGrant implements GrantedEpoch {
  readonly participant: ParticipantId
  readonly epoch: bigint
  readonly following: boolean
  readonly prepared: boolean
  #secret: Uint8Array<ArrayBuffer> | undefined

  get [Symbol.toStringTag](): string {
    return 'ParticipantKeyGrant'
  }

  /**
   * @param secret 32 bytes; copied
   * @throws TypeError, RangeError for anything that cannot be a grant
   */
  constructor(
    { participant, epoch, following, prepared = false }: GrantedEpoch,
    secret: Uint8Array,
  ) {
    checkParticipant('participant', participant)
    checkEpoch(epoch)
    this.participant = participant
    this.epoch = epoch
    if (prepared && !following) throw new RangeError('"following" expected true for a prepared key')
    this.following = following
    this.prepared = prepared
    this.#secret = copyBytes('secret', secret, CHAIN_SECRET_BYTES)
  }

  /**
   * A copy of the secret itself. You must overwrite it (`fill(0)`) when it is no longer needed.
   *
   * @throws TypeError when the grant was wiped
   */
  unsafeExport(): Uint8Array<ArrayBuffer> {
    if (this.#secret === undefined)
      throw new TypeError('"grant" expected a grant that was not wiped, got a wiped one')
    return new Uint8Array(this.#secret)
  }

  /** Overwrites the secret: the grant can no longer be used. */
  wipe(): void {
    wipe(this.#secret)
    this.#secret = undefined
  }

  /** Redacted. */
  toString(): string {
    return REDACTED
  }

  /** Redacted. */
  toJSON(): string {
    return REDACTED
  }
}

/**
 * The bytes of a grant, secret included. You must overwrite them when they are sealed. spec K29
 *
 * @throws TypeError when the grant was wiped
 */
export function encodeParticipantKeyGrant(grant: ParticipantKeyGrant): Uint8Array<ArrayBuffer> {
  checkGrant(grant)
  const secret = grant.unsafeExport()
  const bytes = concatBytes(
    [VERSION, kindOf(grant)],
    idToBytes(grant.participant),
    uintToBytes(grant.epoch, 8),
    secret,
  )
  wipe(secret)
  return bytes
}

/** Decodes a grant, and copies it. Returns `undefined`, not throws, for anything else. spec K29 */
export function decodeParticipantKeyGrant(given: unknown): ParticipantKeyGrant | undefined {
  const length = PARTICIPANT_KEY_GRANT_BYTES
  const bytes = decodeBytes(given, { min: length, max: length })
  if (bytes === undefined) return undefined
  const kind = bytes[1]
  if (bytes[0] !== VERSION || kind === undefined || kind < ONE_EPOCH || kind > PREPARED) {
    return undefined
  }
  const participant = bytesToParticipantId(bytes.subarray(2, 2 + ID_BYTES))
  if (participant === undefined) return undefined
  const epoch = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(2 + ID_BYTES)
  const grant = new ParticipantKeyGrant(
    { participant, epoch, following: kind !== ONE_EPOCH, prepared: kind === PREPARED },
    bytes.subarray(10 + ID_BYTES),
  )
  wipe(bytes)
  return grant
}

/** @throws TypeError for anything but a grant */
export function checkGrant(grant: unknown): asserts grant is ParticipantKeyGrant {
  const expected = { of: 'ParticipantKeyGrant', method: 'unsafeExport' } as const
  checkInstance<ParticipantKeyGrant>('grant', grant, expected)
}

/** @throws TypeError for anything that is no participant id */
export function checkParticipant(name: string, id: unknown): void {
  if (parseParticipantId(id) === undefined) {
    throw new TypeError(`"${name}" expected a participant id, got type=${typeof id}`)
  }
}

function kindOf({ following, prepared }: GrantedEpoch): number {
  if (prepared) return PREPARED
  return following ? FOLLOWING : ONE_EPOCH
}

const VERSION = 1
const ONE_EPOCH = 1
const FOLLOWING = 2
const PREPARED = 3
const REDACTED = '[ParticipantKeyGrant]'
