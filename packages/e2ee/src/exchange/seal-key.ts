import { concatBytes, copyBytes } from '@conclave/base'
import { signBytes, wipe } from '@conclave/crypto'
import { hashIdentity, identityToBytes } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { startSeal } from './hpke.ts'
import {
  encodeContent,
  encodeContext,
  encodeHeader,
  SEAL_LABEL,
  SIGNATURE_LABEL,
} from './sealed-key.ts'
import type { KeyContext } from './sealed-key.ts'
import { checkTime, timeToBytes } from './time.ts'

/** How a key is sealed. */
export interface SealKeyOptions extends KeyContext {
  readonly from: ExchangeKeys
  /** You must know whose it is: scanned, compared by `safetyNumber`, or accepted by invitation. */
  readonly to: ExchangeIdentity
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
  const expiresAt = timeToBytes(checkTime('expiresAt', options.expiresAt))
  const { privateKey } = sender.toStored().signing
  const content = encodeContent(copyBytes('key', key), options)
  try {
    const names = concatBytes(await hashIdentity(from), await hashIdentity(to))
    const header = encodeHeader(expiresAt, names)
    const bound = concatBytes(header, from, to, context)
    const agreementKey = to.slice(to.length / 2)
    const { enc, seal } = await startSeal({
      to: agreementKey,
      info: concatBytes(SEAL_LABEL, bound),
    })
    const signed = concatBytes(SIGNATURE_LABEL, bound, enc, content)
    const plaintext = concatBytes(await signBytes(privateKey, signed), content)
    const ciphertext = await seal(plaintext)
    wipe(signed, plaintext)
    return concatBytes(header, enc, ciphertext)
  } finally {
    wipe(content)
  }
}
