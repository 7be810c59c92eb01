/**
 * The certificate of a media key: by it a session vouches for the key with which its worker signs frames. spec M88
 *
 * @module
 */
import { concatBytes, textToBytes } from '@conclave/base'

/** A certificate in its parts. */
export interface MediaCertificate<Bytes extends Uint8Array = Uint8Array> {
  /** The session's signing key. */
  readonly signingKey: Bytes
  /** The key that signs batches. */
  readonly mediaKey: Bytes
  /** By the session, over {@link mediaKeyStatement}. */
  readonly signature: Bytes
}

/** The bytes that a session signs to certify a media key: they name the room, its 16 bytes. */
export function mediaKeyStatement(room: Uint8Array, mediaKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(LABEL, [0], room, mediaKey)
}

/** A certificate as it travels. */
export function encodeMediaCertificate({
  signingKey,
  mediaKey,
  signature,
}: MediaCertificate): Uint8Array<ArrayBuffer> {
  return concatBytes(signingKey, mediaKey, signature)
}

/** Splits the {@link CERTIFICATE_BYTES} bytes of a certificate. */
export function decodeMediaCertificate(
  bytes: Uint8Array<ArrayBuffer>,
): MediaCertificate<Uint8Array<ArrayBuffer>> {
  return {
    signingKey: bytes.slice(0, 32),
    mediaKey: bytes.slice(32, 64),
    signature: bytes.slice(64, CERTIFICATE_BYTES),
  }
}

/** Two keys and a signature. */
export const CERTIFICATE_BYTES = 128
const LABEL = textToBytes('conclave/1 media key')
