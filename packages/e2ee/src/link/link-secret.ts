import {
  checkInstance,
  concatBytes,
  copyBytes,
  decodeBase64Url,
  encodeBase64Url,
} from '@conclave/base'
import { randomBytes, SecretBytes, wipe } from '@conclave/crypto'
import { OWNER_FINGERPRINT_BYTES } from '@conclave/crypto/verify'

/** Length of the random part. spec K1 */
export const SECRET_BYTES = 32

/** Length of a link's secret in bytes: 32 random ones, and the fingerprint of the room's owner. spec K1 */
export const LINK_SECRET_BYTES: number = SECRET_BYTES + OWNER_FINGERPRINT_BYTES

/** In place of the fingerprint of a room without an owner: no key has it. spec K1 */
export const noOwner = (): Uint8Array<ArrayBuffer> => new Uint8Array(OWNER_FINGERPRINT_BYTES)

/**
 * The secret of a link room, with the fingerprint of the room's owner. String and JSON conversions redact it, so that it
 * does not slip into logs. Everyone who has it can ask to be let in. You must never send it to a server.
 */
export class LinkSecret extends SecretBytes {
  override readonly [Symbol.toStringTag] = 'LinkSecret'

  /**
   * @param bytes 32 bytes from a cryptographically secure source, and the 16 bytes of the owner's fingerprint, or zeros;
   *   copied
   * @throws TypeError for anything else
   */
  constructor(bytes: Uint8Array) {
    super(bytes, LINK_SECRET_BYTES)
  }

  /** The fingerprint of the room's owner, 16 bytes: the room's id certifies it. Zeros: nobody owns the room. spec K1 */
  get ownerFingerprint(): Uint8Array<ArrayBuffer> {
    const bytes = this.unsafeExport()
    const fingerprint = bytes.slice(SECRET_BYTES)
    wipe(bytes)
    return fingerprint
  }
}

/**
 * Makes the secret of a new room.
 *
 * @param options.ownerFingerprint of the room's owner, 16 bytes; left out: nobody owns the room
 * @throws TypeError for another fingerprint
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function generateLinkSecret({
  ownerFingerprint = noOwner(),
}: { readonly ownerFingerprint?: Uint8Array | undefined } = {}): LinkSecret {
  const owner = copyBytes('ownerFingerprint', ownerFingerprint, OWNER_FINGERPRINT_BYTES)
  const random = randomBytes(SECRET_BYTES)
  const bytes = concatBytes(random, owner)
  const secret = new LinkSecret(bytes)
  wipe(random, bytes)
  return secret
}

/**
 * The secret as it stands in a link after the `#`: 64 characters. The text cannot be overwritten. spec K1
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

const LINK_SECRET_CHARACTERS = 64
