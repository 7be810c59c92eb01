import {
  ByteReader,
  checkInteger,
  concatBytes,
  copyBytes,
  decodeBytes,
  equalBytes,
  uintToBytes,
} from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { bytesToParticipantId, ID_BYTES } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { verifyPerson } from '../session/person-keys.ts'
import type { PersonCertificate } from '../session/person-keys.ts'
import { checkSession } from '../session/session-keys.ts'
import type { SessionKeys } from '../session/session-keys.ts'
import { encodeStatement, participantToBytes, roomToBytes } from '../session/statements.ts'
import { deriveOwnerFingerprint, OWNER_FINGERPRINT_BYTES } from './owner-keys.ts'
import { VERSION } from './policy.ts'
import type { OwnedRoom, RefusedStatement } from './policy-statement.ts'

/** The effect of a host's statement on a session. spec U9 */
export type HostAct = 'admit' | 'remove'

/** One act of a host. spec U9 */
export interface HostStatement {
  readonly act: HostAct
  /** The session that it admits or removes. */
  readonly session: ParticipantId
  /** The number of the policy under which the host acts; 0 before the first one. */
  readonly number: number
}

/** An act that a session signed, and the person that certified the session. Whether it stands, the policy says. */
export interface SignedHostStatement extends HostStatement {
  readonly type: 'host'
  /** The signing key of the session that acts. */
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly personKey: Uint8Array<ArrayBuffer>
  /** Whether the person is the owner. */
  readonly isOwner: boolean
  /** The statement, to be repeated to others. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** An act with the parts of its statement, which nobody verified. */
export interface DecodedHostStatement extends HostStatement {
  readonly signingKey: Uint8Array<ArrayBuffer>
  readonly person: PersonCertificate
  /** Everything before the signature. */
  readonly content: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The session that acts, and the certificate of its person. */
export interface HostSigner {
  readonly room: RoomId
  readonly signer: SessionKeys
  /** Of the host, or of the owner's `signingKeys`. */
  readonly certificate: PersonCertificate
}

/**
 * Signs an act of a host: the statement for all members of the room. spec U9
 *
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function signHostStatement(
  { act, session, number }: HostStatement,
  { room, signer, certificate }: HostSigner,
): Promise<Uint8Array<ArrayBuffer>> {
  checkSession(signer)
  const index = ACTS.indexOf(act)
  if (index < 0) throw new RangeError('"act" expected admit or remove')
  const content = concatBytes(
    [VERSION, HOST_TYPE, index + 1],
    participantToBytes('session', session),
    uintToBytes(checkInteger('number', number, { min: 0, max: Number.MAX_SAFE_INTEGER }), 8),
    signer.signingKey,
    copyBytes('personKey', certificate.personKey, CURVE_KEY_BYTES),
    copyBytes('signature', certificate.signature, SIGNATURE_BYTES),
  )
  const statement = encodeStatement('host', roomToBytes(room), content)
  return concatBytes(content, await signer.sign(statement))
}

/**
 * Decodes an act of a host, and copies it. Returns `undefined`, not throws, for anything else. Verifies nothing.
 * spec U9
 */
export function decodeHostStatement(given: unknown): DecodedHostStatement | undefined {
  const bytes = decodeBytes(given, { min: HOST_STATEMENT_BYTES, max: HOST_STATEMENT_BYTES })
  if (bytes === undefined) return undefined
  const reader = new ByteReader(bytes)
  if (reader.uint(1) !== VERSION || reader.uint(1) !== HOST_TYPE) return undefined
  const act = ACTS[reader.uint(1) - 1]
  const session = bytesToParticipantId(reader.take(ID_BYTES))
  const number = reader.uint(8)
  const signingKey = reader.copy(CURVE_KEY_BYTES)
  const personKey = reader.copy(CURVE_KEY_BYTES)
  const person = { personKey, signature: reader.copy(SIGNATURE_BYTES) }
  const content = bytes.slice(0, reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  if (!reader.ok || act === undefined || session === undefined) return undefined
  return { act, session, number, signingKey, person, content, signature, bytes }
}

/**
 * Verifies that a session signed an act, and that a person certified the session. Never throws for the bytes. Whether
 * the person may act, only a policy says. spec U9
 *
 * @throws TypeError for a malformed room or owner
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyHostStatement(
  bytes: unknown,
  { room, owner }: OwnedRoom,
): Promise<SignedHostStatement | RefusedStatement> {
  const roomBytes = roomToBytes(room)
  const fingerprint = copyBytes('owner', owner, OWNER_FINGERPRINT_BYTES)
  const decoded = decodeHostStatement(bytes)
  if (decoded === undefined) return { type: 'refused', reason: 'malformed' }
  const { act, session, number, signingKey, person, content, signature } = decoded
  const statement = encodeStatement('host', roomBytes, content)
  const isSigned =
    (await verifySignature(signingKey, signature, statement)) &&
    (await verifyPerson(person, { room, signingKey }))
  if (!isSigned) return { type: 'refused', reason: 'not-authentic' }
  const { personKey } = person
  const isOwner = equalBytes(await deriveOwnerFingerprint(personKey), fingerprint)
  const signed = { act, session, number, signingKey, personKey, isOwner, bytes: decoded.bytes }
  return { type: 'host', ...signed }
}

/** The second byte of an act of a host. */
export const HOST_TYPE = 2
const ACTS = ['admit', 'remove'] as const
/** Length of an act of a host in bytes. spec U9 */
export const HOST_STATEMENT_BYTES: number =
  3 + ID_BYTES + 8 + 2 * CURVE_KEY_BYTES + 2 * SIGNATURE_BYTES
