import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { copyBytes } from '../bytes.ts'

/** Length of a link's secret in bytes. spec K1 */
export const LINK_SECRET_BYTES = 32

/**
 * The secret of a link room, kept so that it does not slip into logs: it shows itself neither as text nor as
 * JSON. Whoever has it can join, read and speak. You must never send it to a server.
 */
export class LinkSecret {
  readonly #bytes: Uint8Array<ArrayBuffer>

  /**
   * @param bytes 32 bytes from a cryptographically secure source; copied
   * @throws TypeError for anything else
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = copyBytes('bytes', bytes, LINK_SECRET_BYTES)
  }

  /** A copy of the secret itself. You must overwrite it (`fill(0)`) when it is no longer needed. */
  unsafeExport(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes)
  }

  /** Says what it is, not which one. */
  toString(): string {
    return REDACTED
  }

  /** Says what it is, not which one. */
  toJSON(): string {
    return REDACTED
  }
}

/** Makes the secret of a new room. */
export function generateLinkSecret(): LinkSecret {
  const bytes = crypto.getRandomValues(new Uint8Array(LINK_SECRET_BYTES))
  const secret = new LinkSecret(bytes)
  bytes.fill(0)
  return secret
}

/** The secret as it stands in a link after the `#`: 43 characters. The text cannot be overwritten. spec K1 */
export function encodeLinkSecret(secret: LinkSecret): string {
  const bytes = secret.unsafeExport()
  const text = encodeBase64Url(bytes)
  bytes.fill(0)
  return text
}

/**
 * Takes the secret from a link's fragment, without the `#`. Returns `undefined`, not throws, for anything
 * that is not the canonical text of a secret. spec K1
 */
export function parseLinkSecret(text: unknown): LinkSecret | undefined {
  if (typeof text !== 'string' || text.length !== LINK_SECRET_CHARACTERS) return undefined
  const bytes = decodeBase64Url(text)
  if (bytes?.length !== LINK_SECRET_BYTES) return undefined
  const secret = new LinkSecret(bytes)
  bytes.fill(0)
  return secret
}

const LINK_SECRET_CHARACTERS = 43
const REDACTED = '[LinkSecret]'
