import {
  checkMethods,
  checkText,
  concatBytes,
  describeType,
  encodeBase64Url,
  equalBytes,
} from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES, wipe } from '@conclave/crypto'
import { verifySignature } from '@conclave/crypto/verify'
import { MAX_NAME_BYTES } from '../events/event-header.ts'
import { toEpoch } from '../keys/epoch.ts'
import { hashIdentity, identityToBytes } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { openSeal, X25519_KEM } from './hpke.ts'
import { checkPrekeyBook } from './prekey-book.ts'
import type { FoundPrekey, MissingPrekey, PrekeyBook } from './prekey-book.ts'
import type { PrekeyUse } from './prekey-message.ts'
import {
  decodeContent,
  decodeSealedKey,
  encodeContext,
  SEAL_LABEL,
  SIGNATURE_LABEL,
} from './sealed-key.ts'
import type { KeyContext } from './sealed-key.ts'
import type { AdmittedKey, SeenGuard, SeenRefusal } from './seen-keys.ts'
import { checkTime } from './time.ts'

/** The longest that a sealed key may still be good for when it is opened, in milliseconds: 31 days. spec E15 */
export const MAX_SEALED_KEY_MS: number = 31 * 24 * 60 * 60 * 1000

/** The expectations of the receiver of a sealed key. */
export interface OpenKeyOptions extends KeyContext {
  /** The receiver's own keys. */
  readonly to: ExchangeKeys
  /**
   * The identity that must have sealed it; or a look-up among those that the receiver knows, by `identityId`. No key is
   * ever taken from the message. spec E14
   */
  readonly from:
    | ExchangeIdentity
    | ((senderId: string) => ExchangeIdentity | undefined | Promise<ExchangeIdentity | undefined>)
  /** The time in milliseconds since 1970: `Date.now()`. */
  readonly now: number
  /** The key id that it must have. */
  readonly keyId?: string
  /** The epoch that it must have. */
  readonly epoch?: number | bigint
  /**
   * The identities whose keys may become current at a keyring: those who may change the key of the room. Left out: none, and
   * a keyring takes what is opened for opening only. spec P55
   */
  readonly rotators?: readonly ExchangeIdentity[]
  /**
   * Opens each message once. `'none'`: an old key can be brought again until it expires. Not asked about keys that are sealed to a
   * one-time prekey, which open once anyway. spec E16
   */
  readonly seen: SeenGuard | 'none'
  /** The receiver's prekeys. Left out: only keys that are sealed to the identity itself open. spec E18 */
  readonly prekeys?: PrekeyBook
}

/** A sealed key that was opened. You must overwrite `key` when it is no longer needed. */
export interface OpenedKey extends AdmittedKey {
  readonly type: 'opened'
  /** The bytes that were sealed. */
  readonly key: Uint8Array<ArrayBuffer>
  readonly keyId: string
  readonly epoch: bigint
  /** The identity that sealed it, as the receiver named it. */
  readonly from: ExchangeIdentity
  /** Whether `from` is one of the `rotators`: a keyring seals with the key only then. */
  readonly mayRotate: boolean
  /**
   * The receiver's key that it was sealed to. After `one-time-prekey` a recording stays closed to whoever steals the receiver's keys
   * later; after `last-resort-prekey` once that prekey expired and was removed; after `identity` never.
   */
  readonly sealedTo: 'identity' | `${PrekeyUse}-prekey`
}

/** A sealed key that was dropped; this result is the only effect. spec E15 */
export interface DroppedKey {
  readonly type: 'dropped'
  readonly reason:
    | 'malformed'
    | 'not-authentic'
    | 'expired'
    | 'expires-too-late'
    | MissingPrekey
    | SeenRefusal
}

/**
 * Opens a sealed key, and checks the signature of the expected sender under the seal. Resolves to `dropped`, never
 * rejects, whatever the bytes are; they are read before the call returns.
 *
 * @throws TypeError, RangeError that name an argument of the caller's own
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 * @throws E2eeError `ERR_E2EE_CLOSED`, `ERR_E2EE_STORAGE`, and whatever `from` and `seen` throw
 */
export async function openKey(
  bytes: unknown,
  options: OpenKeyOptions,
): Promise<OpenedKey | DroppedKey> {
  const { from, now, keyId, prekeys } = options
  const keys = checkKeys('to', options.to)
  const context = encodeContext(options)
  checkTime('now', now)
  if (keyId !== undefined) checkText('keyId', keyId, { min: 0, max: MAX_NAME_BYTES })
  const epoch = options.epoch === undefined ? undefined : toEpoch('epoch', options.epoch)
  if (typeof from !== 'function') identityToBytes('from', from)
  const rotators = checkRotators(options.rotators)
  const seen = checkSeen(options.seen)
  if (prekeys !== undefined) checkPrekeyBook('prekeys', prekeys)
  const { agreement } = keys.toStored()
  const decoded = decodeSealedKey(bytes)
  if (decoded === undefined) return dropped('malformed')
  const { id, expiresAt, prekeyId, ...names } = decoded.clear
  const to = identityToBytes('to', keys.identity)
  if (names.to !== encodeBase64Url(await hashIdentity(to))) return dropped('not-authentic')
  const sender = typeof from === 'function' ? await from(names.from) : from
  if (sender === undefined) return dropped('not-authentic')
  const senderBytes = identityToBytes('from', sender)
  const isNamed = names.from === encodeBase64Url(await hashIdentity(senderBytes))
  if (!isNamed) return dropped('not-authentic')
  const bound = concatBytes(decoded.header, senderBytes, to, context)
  const prekey = prekeyId === undefined ? undefined : await findPrekey(prekeys, prekeyId)
  if (typeof prekey === 'string') return dropped(prekey)
  const info = concatBytes(SEAL_LABEL, bound)
  const seal = prekey
    ? await prekey.open(decoded.sealed, info)
    : await openSeal(decoded.sealed, { kem: X25519_KEM, keys: agreement, info })
  if (seal === undefined) return dropped('not-authentic')
  const { enc, plaintext } = seal
  const content = plaintext.slice(SIGNATURE_BYTES)
  const signed = concatBytes(SIGNATURE_LABEL, bound, enc, content)
  const signingKey = senderBytes.slice(0, CURVE_KEY_BYTES)
  const signature = plaintext.slice(0, SIGNATURE_BYTES)
  const isSigned = await verifySignature(signingKey, signature, signed)
  const opened = isSigned ? decodeContent(content) : undefined
  wipe(plaintext, content, signed)
  const end = Math.min(expiresAt, prekey?.expiresAt ?? expiresAt)
  const late = isSigned ? lateness(end, now) : 'not-authentic'
  if (late !== undefined || opened === undefined) {
    wipe(opened?.key)
    return dropped(late ?? 'malformed')
  }
  const isWanted =
    (keyId === undefined || keyId === opened.keyId) &&
    (epoch === undefined || epoch === opened.epoch)
  const admitted = { id, senderId: names.from, expiresAt }
  const spend = async (): Promise<DroppedKey['reason'] | undefined> => {
    if (prekeyId === undefined || prekey?.use !== 'one-time') return seen?.admit(admitted, now)
    return (await prekeys?.take(prekeyId, { now })) === true ? undefined : 'used-prekey'
  }
  const refusal = isWanted ? await spend() : 'not-authentic'
  if (refusal !== undefined) {
    wipe(opened.key)
    return dropped(refusal)
  }
  const mayRotate = rotators.some((rotator) => equalBytes(rotator, senderBytes))
  const sealedTo = prekey ? (`${prekey.use}-prekey` as const) : 'identity'
  return { type: 'opened', ...opened, ...admitted, from: sender, mayRotate, sealedTo }
}

const findPrekey = async (
  prekeys: PrekeyBook | undefined,
  id: string,
): Promise<FoundPrekey | MissingPrekey> => prekeys?.find(id) ?? 'unknown-prekey'

/** spec E15 */
function lateness(expiresAt: number, now: number): 'expired' | 'expires-too-late' | undefined {
  if (expiresAt <= now) return 'expired'
  return expiresAt > now + MAX_SEALED_KEY_MS ? 'expires-too-late' : undefined
}

function checkSeen(seen: unknown): SeenGuard | undefined {
  if (seen === 'none') return undefined
  checkMethods('seen', seen, 'admit')
  return seen as SeenGuard
}

function checkRotators(rotators: unknown = []): readonly Uint8Array[] {
  if (!Array.isArray(rotators)) {
    throw new TypeError(`"rotators" expected a list of identities, got ${describeType(rotators)}`)
  }
  return rotators.map((rotator: ExchangeIdentity) => identityToBytes('rotators', rotator))
}

const dropped = (reason: DroppedKey['reason']): DroppedKey => ({ type: 'dropped', reason })
