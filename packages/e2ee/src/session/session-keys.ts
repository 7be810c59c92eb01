import { checkInstance, copyBytes, decodeText } from '@conclave/base'
import {
  agree,
  CURVE_KEY_BYTES,
  deriveBytes,
  generateAgreementPair,
  generateSigningPair,
  HASH_BYTES,
  importHkdfKey,
  signBytes,
  wipe,
} from '@conclave/crypto'
import type { CurveKeyPair } from '@conclave/crypto'
import type { ParticipantId } from '@conclave/wire'
import { E2eeError } from '../errors.ts'
import { closedError } from '../keys/export-info.ts'
import { deriveParticipantId } from './participant-id.ts'

/** The private halves of a session's keys, of which none can be exported, and their public halves. */
export interface SessionPairs {
  /** Ed25519. */
  readonly signing: CurveKeyPair
  /** X25519. */
  readonly agreement: CurveKeyPair
}

/**
 * The keys of one session: its id certifies the signing key, so that no other session can take the id. They exist only
 * in this object and end with {@link SessionKeys.close}. chapter session
 */
export class SessionKeys {
  /** Names the session as a participant of a room. spec C2 */
  readonly id: ParticipantId
  readonly #signingKey: Uint8Array<ArrayBuffer>
  readonly #agreementKey: Uint8Array<ArrayBuffer>
  #pairs: SessionPairs | undefined
  #claimed = false

  get [Symbol.toStringTag](): string {
    return 'SessionKeys'
  }

  /** Not for applications: {@link createSessionKeys} makes them. `id` must be that of the signing key. */
  constructor(id: ParticipantId, pairs: SessionPairs) {
    this.id = id
    this.#pairs = pairs
    this.#signingKey = new Uint8Array(pairs.signing.publicKey)
    this.#agreementKey = new Uint8Array(pairs.agreement.publicKey)
  }

  /** Ed25519, 32 bytes. A fresh copy with each read. */
  get signingKey(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#signingKey)
  }

  /** X25519, 32 bytes. A fresh copy with each read. */
  get agreementKey(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#agreementKey)
  }

  /**
   * An Ed25519 signature, 64 bytes. You must use each label for one purpose, or one statement passes for another.
   *
   * @param bytes begin with a label and a zero byte; read before the call returns. spec C4
   * @throws E2eeError `ERR_E2EE_CLOSED`
   * @throws TypeError, RangeError for anything else
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async sign(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { privateKey } = this.#open().signing
    const copy = copyBytes('bytes', bytes)
    const label = decodeText(copy, 0, Math.max(0, copy.indexOf(0)))
    if (label === undefined || !LABEL.test(label)) {
      throw new RangeError('"bytes" expected a label of conclave/1 and a zero byte first')
    }
    return signBytes(privateKey, copy)
  }

  /**
   * A secret of 32 bytes that only the two sessions can derive, each with the other's agreement key, the same salt
   * and the same info; you must overwrite it. Returns `undefined`, not throws, for a key that no honest party has: one
   * of small order. The arguments are read before the call returns. spec C6
   *
   * @throws E2eeError `ERR_E2EE_CLOSED`, also when the keys are closed meanwhile
   * @throws TypeError for anything but 32 bytes of a key, and bytes
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async agree(
    agreementKey: Uint8Array,
    { salt, info }: { readonly salt: Uint8Array; readonly info: Uint8Array },
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { privateKey } = this.#open().agreement
    const other = copyBytes('agreementKey', agreementKey, CURVE_KEY_BYTES)
    const context = { salt: copyBytes('salt', salt), info: copyBytes('info', info) }
    const shared = await agree(privateKey, other)
    if (shared === undefined) return undefined
    const secret = await deriveBytes(await importHkdfKey(shared), {
      ...context,
      length: HASH_BYTES,
    })
    if (this.#pairs === undefined) {
      wipe(secret)
      throw closedError()
    }
    return secret
  }

  /**
   * Takes the keys for one sealer, for good: its counters must never start again under the same id. Sealers call it;
   * an application does not. spec C5
   *
   * @throws E2eeError `ERR_E2EE_SESSION_IN_USE`, `ERR_E2EE_CLOSED`
   */
  claim(): void {
    this.#open()
    if (this.#claimed) throw new E2eeError('ERR_E2EE_SESSION_IN_USE', undefined)
    this.#claimed = true
  }

  /** Drops the private keys, for good. Closing again does nothing. spec C3 */
  close(): void {
    this.#pairs = undefined
  }

  #open(): SessionPairs {
    if (this.#pairs === undefined) throw closedError()
    return this.#pairs
  }
}

/**
 * Makes the keys of a new session. You must make new ones for every session (each page load). spec C1, C3
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` when the platform has no Ed25519 or X25519 that works
 */
export async function createSessionKeys(): Promise<SessionKeys> {
  const [signing, agreement] = await Promise.all([generateSigningPair(), generateAgreementPair()])
  const id = await deriveParticipantId(signing.publicKey)
  if (id === undefined) throw new Error('unreachable: an id of zeros')
  return new SessionKeys(id, { signing, agreement })
}

/** @throws TypeError for anything but the keys of a session, of this copy of the package or another. spec K42 */
export function checkSession(session: unknown): asserts session is SessionKeys {
  checkInstance<SessionKeys>('session', session, { of: 'SessionKeys', method: 'agree' })
}

const LABEL = /^conclave\/1 [a-z ]+$/
