import { concatBytes, textToBytes } from '@conclave/base'
import { deriveBytes, importHkdfKey } from '#platform/hkdf'
import { hashBytes } from '#platform/digest'

/** Length of an id that certifies a public key, in bytes. spec K3, C2 */
export const CERTIFIED_ID_BYTES = 16

/** Length of an owner's fingerprint in bytes. spec U2 */
export const OWNER_FINGERPRINT_BYTES = 16

/**
 * The 16 bytes of the id of the room that an access key opens and an owner governs: the id certifies both. Clients and
 * hubs derive it alike. spec K3
 *
 * @param accessKey the public half, 32 bytes; read before the call returns
 * @param owner the owner's fingerprint, 16 bytes, or zeros for a room without an owner; read before the call returns
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveRoomIdBytes(
  accessKey: Uint8Array,
  owner: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  return deriveIdBytes('conclave/1 room id', accessKey, owner)
}

/**
 * The 16 bytes by which a room names its owner: the beginning of a hash of the owner's key. spec U2
 *
 * @param ownerKey 32 bytes, read before the call returns
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveOwnerFingerprintBytes(
  ownerKey: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = await hashBytes(concatBytes(textToBytes('conclave/1 owner'), [0], ownerKey))
  return hash.slice(0, OWNER_FINGERPRINT_BYTES)
}

/**
 * The 16 bytes of the id of the participant whose session has a signing key: the id certifies the key. Clients and hubs
 * derive it alike. spec C2
 *
 * @param signingKey the public half, 32 bytes; read before the call returns
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveParticipantIdBytes(signingKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return deriveIdBytes('conclave/1 participant id', signingKey)
}

async function deriveIdBytes(
  info: string,
  ...keys: readonly Uint8Array[]
): Promise<Uint8Array<ArrayBuffer>> {
  const ikm = await importHkdfKey(concatBytes(...keys))
  return deriveBytes(ikm, { info: textToBytes(info), length: CERTIFIED_ID_BYTES })
}
