import { checkInstance, concatBytes, copyBytes } from '@conclave/base'
import { signBytes, wipe } from '@conclave/crypto'
import { checkSecret } from '../keys/secret-bytes.ts'
import { hashIdentity, identityToBytes } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { startSeal, X25519_KEM } from './hpke.ts'
import type { Prekey, SealTarget } from './prekey.ts'
import { PREKEY_ID_BYTES } from './prekey-message.ts'
import {
  encodeContent,
  encodeContext,
  encodeHeader,
  SEAL_LABEL,
  SIGNATURE_LABEL,
} from './sealed-key.ts'
import type { KeyContext } from './sealed-key.ts'
import { checkTime } from './time.ts'

/** How a key is sealed. */
export interface SealKeyOptions extends KeyContext {
  readonly from: ExchangeKeys
  /** You must know whose it is: scanned, compared by `safetyNumber`, or accepted by invitation. */
  readonly to: ExchangeIdentity
  /**
   * A prekey of `to`, of `choosePrekey`. Left out: the key opens, as long as it was recorded, for everyone who ever gets the
   * receiver's private key. spec E19
   */
  readonly prekey?: Prekey
  /**
   * When it is too late to open it, in milliseconds since 1970. Soon: it is carried, not kept. Receivers open none that is good for
   * more than `MAX_SEALED_KEY_MS`.
   */
  readonly expiresAt: number
  /** The name under which a keyring holds it; sealed too. Empty when left out. */
  readonly keyId?: string
  /** 0 when left out. */
  readonly epoch?: number | bigint
}

/**
 * Seals a key, or other bytes up to 16 KiB, to one member, signed by the sender under the seal: carriers see no
 * signature. Everything is read before the call returns.
 *
 * @param key copied; zero your copy
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function sealKey(
  key: Uint8Array,
  options: SealKeyOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const sender = checkKeys('from', options.from)
  const [from, to] = [identityToBytes('from', sender.identity), identityToBytes('to', options.to)]
  const context = encodeContext(options)
  const expiresAt = checkTime('expiresAt', options.expiresAt)
  const { privateKey } = sender.toStored().signing
  const { prekey } = options
  if (prekey !== undefined) {
    checkInstance<Prekey>('prekey', prekey, { of: 'Prekey', method: 'take' })
  }
  const content = encodeContent(checkSecret('key', copyBytes('key', key)), options)
  try {
    const target = prekey?.take(to, expiresAt) ?? (await identityTarget(to))
    const names = [await hashIdentity(from), await hashIdentity(to), target.prekeyId]
    const header = encodeHeader(expiresAt, names)
    const bound = concatBytes(header, from, to, context)
    const sender = await startSeal({ ...target, info: concatBytes(SEAL_LABEL, bound) })
    const signed = concatBytes(SIGNATURE_LABEL, bound, sender.enc, content)
    const plaintext = concatBytes(await signBytes(privateKey, signed), content)
    const ciphertext = await sender.seal(plaintext)
    wipe(signed, plaintext)
    return concatBytes(header, sender.enc, ciphertext)
  } finally {
    wipe(content)
  }
}

/** The key of the identity itself, which every message that is sealed to it shares. spec E11 */
async function identityTarget(to: Uint8Array<ArrayBuffer>): Promise<SealTarget> {
  const publicKey = await X25519_KEM.importPublicKey(to.slice(to.length / 2))
  if (publicKey === undefined) throw new Error('unreachable: the identity was checked')
  return { kem: X25519_KEM, publicKey, prekeyId: new Uint8Array(PREKEY_ID_BYTES) }
}
