import { checkInstance, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { randomBytes, SecretBytes, wipe } from '@conclave/crypto'

/** Length of a link's secret in bytes. spec K1 */
export const LINK_SECRET_BYTES = 32

/**
 * The secret of a link room. String and JSON conversions redact it, so that it does not slip into logs. Everyone who
 * has it can join, read and speak. You must never send it to a server.
 */
export class LinkSecret extends SecretBytes {
  override readonly [Symbol.toStringTag] = 'LinkSecret'

  /**
   * @param bytes 32 bytes from a cryptographically secure source; copied
   * @throws TypeError for anything else
   */
  constructor(bytes: Uint8Array) {
    super(bytes, LINK_SECRET_BYTES)
  }
}

/** Makes the secret of a new room. @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` */
export function generateLinkSecret(): LinkSecret {
  const bytes = randomBytes(LINK_SECRET_BYTES)
  const secret = new LinkSecret(bytes)
  wipe(bytes)
  return secret
}

/**
 * The secret as it stands in a link after the `#`: 43 characters. The text cannot be overwritten. spec K1
 *
 * @throws TypeError for anything but a link secret
 */
export function encodeLinkSecret(secret: LinkSecret): string {
  checkInstance<LinkSecret>('secret', secret, { of: 'LinkSecret', method: 'unsafeExport' })
  const bytes = secret.unsafeExport()
  const text = encodeBase64Url(bytes)
  wipe(bytes)
  return text
}

/**
 * Parses the secret from a link's fragment, without the `#`. Returns `undefined`, not throws, for anything
 * that is not the canonical text of a secret. spec K1
 */
export function parseLinkSecret(text: unknown): LinkSecret | undefined {
  if (typeof text !== 'string' || text.length !== LINK_SECRET_CHARACTERS) return undefined
  const bytes = decodeBase64Url(text)
  if (bytes?.length !== LINK_SECRET_BYTES) return undefined
  const secret = new LinkSecret(bytes)
  wipe(bytes)
  return secret
}

const LINK_SECRET_CHARACTERS = 43
