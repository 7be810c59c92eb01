/**
 * The media keys of others, as far as their sessions certified them. spec M88, M96
 *
 * @module
 */
import { BoundedMap, RateLimiter, equalBytes } from '@conclave/base'
import { deriveParticipantIdBytes, importVerifyKey, verifySignature } from '@conclave/crypto/verify'
import { decodeMediaCertificate, mediaKeyStatement } from '../../shared/media-certificate.ts'
import { hintOf } from './batch.ts'

/** The certified keys of one participant: few, and certificates are verified at a bounded rate. */
export class CertifiedKeys {
  readonly #session: { readonly room: Uint8Array; readonly participant: Uint8Array }
  readonly #keyByHint = new BoundedMap<number, CertifiedKey>(MAX_KEYS)
  readonly #rate = new RateLimiter({ perSecond: 1, burst: 4 })

  /** @param session the ids of the room and the participant, 16 bytes each */
  constructor(session: { readonly room: Uint8Array; readonly participant: Uint8Array }) {
    this.#session = session
  }

  /** The key that a batch names. */
  find(hint: number): CryptoKey | undefined {
    return this.#keyByHint.get(hint)?.key
  }

  /** Takes a certificate if it is one of this participant in this room; changes nothing if not. Never throws for bytes. */
  async take(certificate: Uint8Array<ArrayBuffer>, nowMs: number): Promise<void> {
    const { signingKey, mediaKey, signature } = decodeMediaCertificate(certificate)
    const hint = hintOf(mediaKey)
    const known = this.#keyByHint.get(hint)
    if (known && equalBytes(known.mediaKey, mediaKey)) return
    if (!this.#rate.take(nowMs)) return
    const { room, participant } = this.#session
    if (!equalBytes(await deriveParticipantIdBytes(signingKey), participant)) return
    const statement = mediaKeyStatement(room, mediaKey)
    if (!(await verifySignature(signingKey, signature, statement))) return
    const key = await importVerifyKey(mediaKey)
    if (key) this.#keyByHint.set(hint, { mediaKey, key })
  }
}

interface CertifiedKey {
  readonly mediaKey: Uint8Array
  readonly key: CryptoKey
}

const MAX_KEYS = 4
