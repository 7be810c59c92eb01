import { describeType, encodeBase64Url, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { hashIdentity, identityToBytes } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKem, X25519_KEM } from './hpke.ts'
import type { ExchangeKem } from './hpke.ts'
import { decodePrekey, encodeSignedPrekey, hashPrekey, MAX_PREKEY_MS } from './prekey-message.ts'
import type { DecodedPrekey, PrekeyUse } from './prekey-message.ts'
import { checkTime } from './time.ts'

/** Offers of a directory that are read at most. spec E19 */
export const MAX_PREKEY_OFFERS = 256

/** A public key to seal to, as `sealKey` uses it. */
export interface SealTarget {
  readonly kem: ExchangeKem
  readonly publicKey: CryptoKey
  /** Zeros: the key of the identity itself. */
  readonly prekeyId: Uint8Array<ArrayBuffer>
}

/** A prekey that its owner signed: the `prekey` of `sealKey`, and of an invitation's answer. */
export class Prekey {
  readonly use: PrekeyUse
  /** Milliseconds since 1970. A key that is sealed to it must expire no later. */
  readonly expiresAt: number
  readonly #owner: Uint8Array
  readonly #target: SealTarget
  #isUsed = false

  get [Symbol.toStringTag](): string {
    return 'Prekey'
  }

  /** Not for applications: `choosePrekey` makes them. */
  constructor(
    target: SealTarget,
    {
      owner,
      use,
      expiresAt,
    }: { readonly owner: Uint8Array; readonly use: PrekeyUse; readonly expiresAt: number },
  ) {
    this.#target = target
    this.#owner = owner
    this.use = use
    this.expiresAt = expiresAt
  }

  /** For `sealKey`. @throws RangeError that names the argument */
  take(owner: Uint8Array, expiresAt: number): SealTarget {
    if (!equalBytes(owner, this.#owner)) throw new RangeError('"prekey" expected one of "to"')
    if (expiresAt > this.expiresAt) {
      throw new RangeError(`"expiresAt" expected at most that of "prekey", ${this.expiresAt}`)
    }
    if (this.#isUsed) throw new RangeError('"prekey" expected one that was not used')
    this.#isUsed = this.use === 'one-time'
    return this.#target
  }
}

/** The choice among the prekeys that a directory offers. spec E19 */
export type PrekeyChoice =
  | { readonly type: 'chosen'; readonly prekey: Prekey }
  | { readonly type: 'refused'; readonly reason: 'no-prekey' }

/**
 * Chooses a prekey of a receiver among untrusted bytes: the first good one-time prekey. Offers that the receiver did not sign,
 * that expired, that are of another kind or malformed are skipped. A key that is sealed to a one-time prekey stays closed
 * to whoever steals the receiver's keys after it was opened. You must have a directory hand out each one-time prekey once: the
 * second key that is sealed to one does not open.
 *
 * @param offers the first 256 are read
 * @param options.of the receiver
 * @param options.whenNone the answer without a one-time prekey: `'last-resort'` takes one that is good until it expires,
 *   `'refuse'` takes none
 * @param options.kem the kind of the prekeys; X25519 when left out, or `X_WING` of `@conclave/e2ee/exchange-hybrid`
 * @throws TypeError, RangeError that name the argument
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function choosePrekey(
  offers: readonly unknown[],
  {
    of,
    now,
    whenNone,
    kem = X25519_KEM,
  }: {
    readonly of: ExchangeIdentity
    readonly now: number
    readonly whenNone: 'last-resort' | 'refuse'
    readonly kem?: ExchangeKem
  },
): Promise<PrekeyChoice> {
  if (!Array.isArray(offers)) {
    throw new TypeError(`"offers" expected an array, got ${describeType(offers)}`)
  }
  if (whenNone !== 'last-resort' && whenNone !== 'refuse') {
    throw new TypeError('"whenNone" expected "last-resort" or "refuse"')
  }
  checkKem('kem', kem)
  const owner = identityToBytes('of', of)
  checkTime('now', now)
  const decoded = offers.slice(0, MAX_PREKEY_OFFERS).map((offer) => decodePrekey(offer, kem))
  const ownerId = encodeBase64Url(await hashIdentity(owner))
  const uses: readonly PrekeyUse[] =
    whenNone === 'refuse' ? ['one-time'] : ['one-time', 'last-resort']
  for (const use of uses) {
    for (const offer of decoded) {
      const isTimely = offer && offer.expiresAt > now && offer.expiresAt <= now + MAX_PREKEY_MS
      if (!isTimely || offer.use !== use || offer.ownerId !== ownerId) continue
      const prekey = await verifyPrekey(offer, owner)
      if (prekey !== undefined) return { type: 'chosen', prekey }
    }
  }
  return { type: 'refused', reason: 'no-prekey' }
}

async function verifyPrekey(
  { kem, publicKey, use, expiresAt, head, signature }: DecodedPrekey,
  owner: Uint8Array<ArrayBuffer>,
): Promise<Prekey | undefined> {
  const signingKey = owner.slice(0, CURVE_KEY_BYTES)
  if (!(await verifySignature(signingKey, signature, encodeSignedPrekey(head, owner)))) {
    return undefined
  }
  const imported = await kem.importPublicKey(publicKey)
  if (imported === undefined) return undefined
  const target = { kem, publicKey: imported, prekeyId: await hashPrekey(head) }
  return new Prekey(target, { owner, use, expiresAt })
}
