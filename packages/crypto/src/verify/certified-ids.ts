import { textToBytes } from '@conclave/base'
import { deriveBytes, importHkdfKey } from '../hkdf.ts'

/** Length of an id that certifies a public key, in bytes. spec K3, C2 */
export const CERTIFIED_ID_BYTES = 16

/**
 * The 16 bytes of the id of the room that an access key opens: the id certifies the key. Clients and hubs derive it
 * alike. spec K3
 *
 * @param accessKey the public half, 32 bytes; read before the call returns
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveRoomIdBytes(accessKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return deriveIdBytes(accessKey, 'conclave/1 room id')
}

/**
 * The 16 bytes of the id of the participant whose session has a signing key: the id certifies the key. Clients and hubs
 * derive it alike. spec C2
 *
 * @param signingKey the public half, 32 bytes; read before the call returns
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function deriveParticipantIdBytes(signingKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return deriveIdBytes(signingKey, 'conclave/1 participant id')
}

async function deriveIdBytes(
  publicKey: Uint8Array,
  info: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const ikm = await importHkdfKey(new Uint8Array(publicKey))
  return deriveBytes(ikm, { info: textToBytes(info), length: CERTIFIED_ID_BYTES })
}
