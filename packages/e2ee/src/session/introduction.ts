import { checkText, concatBytes, copyBytes, decodeBytes } from '@conclave/base'
import {
  CURVE_KEY_BYTES,
  decryptAesGcm,
  encryptAesGcm,
  HASH_BYTES,
  importAndWipe,
  NONCE_BYTES,
  randomBytes,
  SIGNATURE_BYTES,
  TAG_BYTES,
} from '@conclave/crypto'
import { hashBytes, isSmallOrder, verifySignature } from '@conclave/crypto/verify'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { dropped, droppedForKey, UNKNOWN_KEY } from '../core/dropped.ts'
import type { Dropped } from '../core/dropped.ts'
import { isKeyGone } from '../keys/event-keys.ts'
import {
  decodeIntroductionBody,
  encodeIntroductionBody,
  INTRODUCTION_DIGEST_BYTES,
  MAX_BODY_BYTES,
  MAX_INTRODUCED_NAME_BYTES,
  MIN_BODY_BYTES,
} from './introduction-body.ts'
import type { IntroductionStatus } from './introduction-body.ts'
import { deriveParticipantId } from './participant-id.ts'
import { verifyPerson } from './person-keys.ts'
import type { PersonCertificate } from './person-keys.ts'
import { checkRoot } from './room-root.ts'
import type { RoomRoot } from './room-root.ts'
import type { SessionIdentity } from './session-identity.ts'
import { checkSession } from './session-keys.ts'
import type { SessionKeys } from './session-keys.ts'
import { encodeStatement, participantToBytes, roomToBytes } from './statements.ts'

/** The first byte of a sealed introduction, where messages have 1 and events 2. spec C13 */
export const INTRODUCTION_FORMAT = 3

/** The words of a session to another one. */
export interface Introduction {
  /** `asks` to be admitted, or `looks` who is there; the others answer. */
  readonly status: IntroductionStatus
  /** Whether the other session is to answer. Left out: no. */
  readonly wantsAnswer?: boolean
  /** The digest of the introduction that this one answers. You must give it unless the status is `asks` or `looks`. */
  readonly answers?: Uint8Array | undefined
  /** A person's word that the session is its own. */
  readonly person?: PersonCertificate | undefined
  /** At most `MAX_INTRODUCED_NAME_BYTES`, and only with `asks`. */
  readonly name?: string
}

/** An introduction as it goes out. */
export interface SealedIntroduction {
  /** For any carrier. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Names it in its answer: 16 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>
}

/** An introduction that its sender signed for this session and room. */
export interface OpenedIntroduction {
  readonly type: 'opened'
  /** For {@link createPairKeys} and {@link verifyRoomMessage}. */
  readonly sender: SessionIdentity
  /** The person whose session it is, if one says so. */
  readonly personKey: Uint8Array<ArrayBuffer> | undefined
  /** That person's word, which verified: others can be given it. */
  readonly person: PersonCertificate | undefined
  readonly status: IntroductionStatus
  readonly wantsAnswer: boolean
  /** You must compare it with the digests of what this session sent: an answer to something else is none. */
  readonly answers: Uint8Array<ArrayBuffer> | undefined
  readonly name: string
  /** Names it in an answer: 16 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>
}

/**
 * Introduces a session to another one: its keys, signed by itself and sealed under the room's root, so that no carrier
 * sees them. The arguments are read before the call returns. spec C11, C13
 *
 * @param options.root the key source whose root all members hold
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`, `ERR_E2EE_UNKNOWN_EPOCH` when `root` holds no key
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function sealIntroduction(
  introduction: Introduction,
  options: {
    readonly root: RoomRoot
    readonly session: SessionKeys
    readonly room: RoomId
    readonly recipient: ParticipantId
  },
): Promise<SealedIntroduction> {
  const { root, session, room, recipient } = options
  checkRoot(root)
  checkSession(session)
  const parties = concatBytes(
    ...[roomToBytes(room), idToBytes(session.id), participantToBytes('recipient', recipient)],
  )
  if (recipient === session.id) throw new RangeError('"recipient" must not be the session itself')
  const clear = encodeIntroductionBody(checkIntroduction(introduction, session))
  const salt = randomBytes(SALT_BYTES)
  const [signature, key] = await Promise.all([
    session.sign(encodeStatement('introduction', parties, clear)),
    exportKey(root, { parties, salt }),
  ])
  const sealed = await encryptAesGcm(key, contextOf(parties, salt), concatBytes(clear, signature))
  const bytes = concatBytes([INTRODUCTION_FORMAT], salt, sealed)
  return { bytes, digest: await digestOf(bytes) }
}

/**
 * Opens an introduction that a carrier attributes to `sender`. Returns `dropped`, never throws, for any bytes that
 * `sender` did not sign for this session and room; rejects only with errors of the key source other than a missing key.
 * `bytes` are read before the call returns. Opens the same bytes as often as they come: a carrier may repeat them.
 * spec C14
 *
 * @param options.self the session that opens
 * @throws TypeError for malformed options
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openIntroduction(
  bytes: unknown,
  options: {
    readonly root: RoomRoot
    readonly room: RoomId
    readonly sender: ParticipantId
    readonly self: ParticipantId
  },
): Promise<OpenedIntroduction | Dropped> {
  const { root, room, sender, self } = options
  checkRoot(root)
  const parties = concatBytes(
    ...[roomToBytes(room), participantToBytes('sender', sender), participantToBytes('self', self)],
  )
  const envelope = decodeBytes(bytes, {
    min: OVERHEAD_BYTES + MIN_BODY_BYTES,
    max: MAX_INTRODUCTION_BYTES,
  })
  if (envelope?.[0] !== INTRODUCTION_FORMAT) return dropped('malformed')
  if (sender === self) return dropped('reflected')
  const salt = envelope.slice(1, 1 + SALT_BYTES)
  const { epoch } = root
  const key = await exportKey(root, { parties, salt }).catch((error: unknown) => {
    if (isKeyGone(error)) return undefined
    throw error
  })
  if (key === undefined) return droppedForKey(UNKNOWN_KEY, { keyId: '', epoch })
  const sealed = envelope.slice(1 + SALT_BYTES)
  const clear = await decryptAesGcm(key, contextOf(parties, salt), sealed)
  if (clear === undefined) return dropped('not-authentic')
  const body = decodeIntroductionBody(clear)
  if (body === undefined) return dropped('malformed')
  const { signingKey, agreementKey, person, signature, signedLength } = body
  const statement = encodeStatement('introduction', parties, clear.subarray(0, signedLength))
  const [id, isSigned, isCertified, digest] = await Promise.all([
    deriveParticipantId(signingKey),
    verifySignature(signingKey, signature, statement),
    person === undefined || verifyPerson(person, { room, signingKey }),
    digestOf(envelope),
  ])
  const isTrue = id === sender && isSigned && isCertified && !isSmallOrder('X25519', agreementKey)
  if (!isTrue) return dropped('not-authentic')
  const { status, wantsAnswer, answers, name } = body
  return {
    ...{ type: 'opened', sender: { id: sender, signingKey, agreementKey } },
    ...{ personKey: person?.personKey, person, status, wantsAnswer, answers, name },
    digest,
  }
}

function checkIntroduction(
  { status, wantsAnswer = false, answers, person, name = '' }: Introduction,
  { signingKey, agreementKey }: SessionKeys,
): Parameters<typeof encodeIntroductionBody>[0] {
  checkText('name', name, { min: 0, max: MAX_INTRODUCED_NAME_BYTES })
  const digest =
    answers === undefined ? undefined : copyBytes('answers', answers, INTRODUCTION_DIGEST_BYTES)
  const certificate = person && {
    personKey: copyBytes('person.personKey', person.personKey, CURVE_KEY_BYTES),
    signature: copyBytes('person.signature', person.signature, SIGNATURE_BYTES),
  }
  const keys = { signingKey, agreementKey }
  const body = { ...keys, status, wantsAnswer, answers: digest, person: certificate, name }
  if (decodeIntroductionBody(concatBytes(encodeIntroductionBody(body), NO_SIGNATURE))) return body
  throw new RangeError(
    '"introduction" expected a status, an answer unless it asks or looks, and a name only if it asks',
  )
}

/** Fresh for each introduction, so that the nonce may be the same. spec C13 */
async function exportKey(
  root: RoomRoot,
  { parties, salt }: { readonly parties: Uint8Array; readonly salt: Uint8Array },
): Promise<CryptoKey> {
  const raw = await root.export('conclave/1 introduction', concatBytes(parties, salt), HASH_BYTES)
  return importAndWipe(raw, 'AES-GCM', ['encrypt', 'decrypt'])
}

const contextOf = (
  parties: Uint8Array,
  salt: Uint8Array,
): {
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly additionalData: Uint8Array<ArrayBuffer>
} => ({
  nonce: new Uint8Array(NONCE_BYTES),
  additionalData: encodeStatement('introduction', [INTRODUCTION_FORMAT], salt, parties),
})

const digestOf = async (sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> =>
  (await hashBytes(sealed)).slice(0, INTRODUCTION_DIGEST_BYTES)

const SALT_BYTES = 16
const OVERHEAD_BYTES = 1 + SALT_BYTES + TAG_BYTES
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES)
/** The longest sealed introduction, in bytes. spec C13 */
export const MAX_INTRODUCTION_BYTES: number = OVERHEAD_BYTES + MAX_BODY_BYTES
