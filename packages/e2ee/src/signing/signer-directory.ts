import { checkText, copyBytes, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES } from '@conclave/crypto'
import { importVerifyKey, isSmallOrder, verifyBytes } from '@conclave/crypto/verify'
import { E2eeError } from '../errors.ts'
import { MAX_NAME_BYTES } from '../events/event-header.ts'
import type { EventVerifier, SignedEvent } from '../events/event-signing.ts'
import { encodeEventToSign } from './event-signer.ts'

/** Senders that a directory knows, at most. spec P53 */
export const MAX_SIGNERS = 4096

/** Public keys of one sender, at most: one for each of its devices. spec P53 */
export const MAX_KEYS_PER_SIGNER = 16

/**
 * Knows the public keys of each sender: the `verifier` of `openEvent` and the functions like it. You must add a key
 * only if you have it from the sender over a channel that no one else could change: scanned, compared by safety number,
 * or vouched for by a person whom you trust. A verified sender is as trustworthy as that channel.
 */
export class SignerDirectory implements EventVerifier {
  readonly #keysBySender = new Map<string, KnownKey[]>()

  get [Symbol.toStringTag](): string {
    return 'SignerDirectory'
  }

  /**
   * Adds a key that a sender may sign with.
   *
   * @param publicKey 32 bytes; copied
   * @throws TypeError, RangeError that name the argument, also for a key under which anyone could sign
   * @throws E2eeError `ERR_E2EE_TOO_MANY_KEYS`
   */
  add(sender: string, publicKey: Uint8Array): void {
    checkText('sender', sender, { min: 1, max: MAX_NAME_BYTES })
    const bytes = copyBytes('publicKey', publicKey, CURVE_KEY_BYTES)
    if (isSmallOrder('Ed25519', bytes)) {
      throw new RangeError('"publicKey" expected a key that not everyone can sign for')
    }
    const known = this.#keysBySender.get(sender) ?? []
    if (known.some((key) => equalBytes(key.bytes, bytes))) return
    const isNew = known.length === 0
    if (isNew && this.#keysBySender.size >= MAX_SIGNERS) throw fullError(MAX_SIGNERS)
    if (known.length >= MAX_KEYS_PER_SIGNER) throw fullError(MAX_KEYS_PER_SIGNER)
    this.#keysBySender.set(sender, [...known, { bytes, imported: undefined }])
  }

  /** Removes one key of a sender, or all when none is named. An event that is being opened meanwhile is dropped. */
  remove(sender: string, publicKey?: Uint8Array): void {
    if (publicKey === undefined) {
      this.#keysBySender.delete(sender)
      return
    }
    const gone = copyBytes('publicKey', publicKey, CURVE_KEY_BYTES)
    const left = (this.#keysBySender.get(sender) ?? []).filter(
      ({ bytes }) => !equalBytes(bytes, gone),
    )
    if (left.length > 0) this.#keysBySender.set(sender, left)
    else this.#keysBySender.delete(sender)
  }

  /** The public keys of a sender: copies. */
  keysOf(sender: string): readonly Uint8Array<ArrayBuffer>[] {
    return (this.#keysBySender.get(sender) ?? []).map(({ bytes }) => new Uint8Array(bytes))
  }

  /** For `openEvent` and its kin. */
  async verify({
    sender,
    associatedData,
    content,
  }: SignedEvent): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const signature = content.slice(0, SIGNATURE_BYTES)
    const plaintext = content.subarray(SIGNATURE_BYTES)
    const signed = encodeEventToSign({ associatedData, plaintext })
    for (const known of this.#keysBySender.get(sender) ?? []) {
      const key = await (known.imported ??= importVerifyKey(known.bytes))
      if (key === undefined || !(await verifyBytes(key, signature, signed))) continue
      const isStillKnown = this.#keysBySender.get(sender)?.includes(known) === true
      return isStillKnown ? new Uint8Array(known.bytes) : undefined
    }
    return undefined
  }
}

interface KnownKey {
  readonly bytes: Uint8Array<ArrayBuffer>
  imported: Promise<CryptoKey | undefined> | undefined
}

const fullError = (maxKeys: number): E2eeError<'ERR_E2EE_TOO_MANY_KEYS'> =>
  new E2eeError('ERR_E2EE_TOO_MANY_KEYS', { maxKeys })
