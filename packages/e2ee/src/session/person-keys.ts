import { callStorage, checkInstance, checkMethods, copyBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES, signBytes } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import type { RoomId } from '@conclave/wire'
import { failedStorage, storageError } from '../core/stored-record.ts'
import { generateSigningKeys, restoreSigningKeys } from '../signing/signing-keys.ts'
import type { SigningKeys, StoredSigningKeys } from '../signing/signing-keys.ts'
import { encodeStatement, roomToBytes } from './statements.ts'

/** A person's word that a session is its own. */
export interface PersonCertificate {
  /** Ed25519, 32 bytes: the person, as one room knows it. */
  readonly personKey: Uint8Array<ArrayBuffer>
  /** 64 bytes, over the room and the session's signing key. spec C9 */
  readonly signature: Uint8Array<ArrayBuffer>
}

/** The session that a person vouches for, and the room in which it does. */
export interface CertifiedSession {
  readonly room: RoomId
  /** The session's, 32 bytes. */
  readonly signingKey: Uint8Array
}

/**
 * Where a browser keeps one person's keys of each room: an object store of IndexedDB, which holds keys that cannot be
 * exported.
 */
export interface PersonKeyStorage {
  /** The keys of a room, as they were stored; `undefined` when there are none. */
  read(room: RoomId): Promise<unknown>

  /** Stores the keys of a room, durably, unless it has some; returns whether it did. */
  add(room: RoomId, keys: StoredSigningKeys): Promise<boolean>
}

/**
 * The keys of the person in a room: those that the storage has, or new ones, which it has afterwards. Of two pages that
 * make some at the same time both get those that were stored first. spec C10
 *
 * @throws E2eeError `ERR_E2EE_STORAGE` when the storage has something else, neither has nor takes keys, or throws
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 * @throws TypeError for an argument of another type
 */
export async function ensurePersonKeys(
  room: RoomId,
  { storage }: { readonly storage: PersonKeyStorage },
): Promise<SigningKeys> {
  roomToBytes(room)
  checkMethods('storage', storage, 'read', 'add')
  const stored = await readPersonKeys(room, storage)
  if (stored !== undefined) return stored
  const made = await generateSigningKeys()
  const isAdded = await callStorage(() => storage.add(room, made.toStored()), failedStorage)
  if (isAdded) return made
  const first = await readPersonKeys(room, storage)
  if (first === undefined) throw storageError('conflict')
  return first
}

/**
 * Certifies that a session is the person's. spec C9
 *
 * @throws TypeError that names the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function certifySession(
  person: SigningKeys,
  session: CertifiedSession,
): Promise<PersonCertificate> {
  checkInstance<SigningKeys>('person', person, { of: 'SigningKeys', method: 'toStored' })
  const statement = encodeCertified(session)
  const { publicKey, privateKey } = person.toStored()
  return { personKey: publicKey, signature: await signBytes(privateKey, statement) }
}

/**
 * Whether a person certified the session in the room. Returns `false`, not throws, for a certificate of other bytes, and
 * for a key under which anyone could sign. spec C9
 *
 * @throws TypeError for a malformed session or room
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function verifyPerson(
  { personKey, signature }: PersonCertificate,
  session: CertifiedSession,
): Promise<boolean> {
  const statement = encodeCertified(session)
  if (personKey.length !== CURVE_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false
  return verifySignature(personKey, signature, statement)
}

function encodeCertified({ room, signingKey }: CertifiedSession): Uint8Array<ArrayBuffer> {
  const key = copyBytes('signingKey', signingKey, CURVE_KEY_BYTES)
  return encodeStatement('person', roomToBytes(room), key)
}

async function readPersonKeys(
  room: RoomId,
  storage: PersonKeyStorage,
): Promise<SigningKeys | undefined> {
  const stored = await callStorage(() => storage.read(room), failedStorage)
  if (stored === undefined || stored === null) return undefined
  const keys = await restoreSigningKeys(stored)
  if (keys === undefined) throw storageError('damaged')
  return keys
}
