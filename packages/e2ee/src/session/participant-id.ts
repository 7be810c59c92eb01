import { copyBytes } from '@conclave/base'
import { CURVE_KEY_BYTES } from '@conclave/crypto'
import { deriveParticipantIdBytes } from '@conclave/crypto/verify'
import { bytesToParticipantId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'

/**
 * The id of the session that has a signing key. You must compare it with the id that a carrier names: another one means
 * another session. Returns `undefined`, not throws, for a key whose id would be the zero id, which no session has.
 * spec C2
 *
 * @param signingKey 32 bytes, read before the call returns
 * @throws TypeError for anything else
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function deriveParticipantId(
  signingKey: Uint8Array,
): Promise<ParticipantId | undefined> {
  const bytes = copyBytes('signingKey', signingKey, CURVE_KEY_BYTES)
  return bytesToParticipantId(await deriveParticipantIdBytes(bytes))
}
