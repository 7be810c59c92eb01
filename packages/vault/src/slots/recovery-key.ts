import { checkInstance, checkString } from '@conclave/base'
import { randomBytes, SecretBytes } from '@conclave/crypto'
import { CODE_CHARACTERS, checkSymbols, decodeSymbols, encodeSymbols } from './recovery-code.ts'

/** Length of a recovery key in bytes. spec V8 */
export const RECOVERY_KEY_BYTES = 16

/**
 * The key that always opens a vault, when every device, passkey and passphrase is lost. Text and JSON do not show it;
 * {@link encodeRecoveryKey} gives its text. spec V8, V14
 */
export class RecoveryKey extends SecretBytes {
  override readonly [Symbol.toStringTag] = 'RecoveryKey'

  /**
   * @param bytes 16 bytes from a cryptographically secure source; copied
   * @throws TypeError for anything else, RangeError for zeros
   */
  constructor(bytes: Uint8Array) {
    super(bytes, RECOVERY_KEY_BYTES)
    if (bytes.every((byte) => byte === 0)) throw new RangeError('"bytes" expected random bytes')
  }
}

/** @throws TypeError that names the argument */
export function checkRecoveryKey(name: string, key: unknown): asserts key is RecoveryKey {
  checkInstance<RecoveryKey>(name, key, { of: 'RecoveryKey', method: 'unsafeExport' })
}

/**
 * Makes the recovery key of a new vault, or one that replaces the old one.
 *
 * You must show it ({@link encodeRecoveryKey}) to the person once, let them keep it off their devices (on paper, in a
 * password manager), and have them type at least a part of it back before you rely on it. You must not store it,
 * send it, or log it: no one can restore it, and everyone who has it can open the vault.
 *
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export function generateRecoveryKey(): RecoveryKey {
  const bytes = randomBytes(RECOVERY_KEY_BYTES)
  const key = new RecoveryKey(bytes)
  bytes.fill(0)
  return key
}

/**
 * The key as a person writes it down: seven groups of four characters. The text cannot be overwritten. spec V8
 *
 * @throws TypeError for anything but a recovery key
 */
export function encodeRecoveryKey(key: RecoveryKey): string {
  checkRecoveryKey('key', key)
  const bytes = key.unsafeExport()
  // Two bits of format (zero), then the 128 bits of the key: 26 symbols of five bits.
  const data: number[] = []
  let [bits, held] = [0, 2]
  for (const byte of bytes) {
    bits = (bits << 8) | byte
    held += 8
    while (held >= 5) {
      held -= 5
      data.push((bits >> held) & 31)
    }
    bits &= (1 << held) - 1
  }
  bytes.fill(0)
  return encodeSymbols(data)
}

/**
 * Parses a recovery key as a person typed it: upper or lower case, with spaces, hyphens or none, I and L for 1, O
 * for 0. Returns `undefined`, not throws, for anything else; {@link findRecoveryKeyMistake} says why. spec V9
 */
export function parseRecoveryKey(text: unknown): RecoveryKey | undefined {
  if (typeof text !== 'string' || findRecoveryKeyMistake(text) !== undefined) return undefined
  const read = decodeSymbols(text)
  if (read.type !== 'symbols') return undefined
  const bytes = new Uint8Array(RECOVERY_KEY_BYTES)
  let [bits, held, at] = [0, -2, 0]
  for (const symbol of read.symbols.slice(0, DATA_CHARACTERS)) {
    bits = (bits << 5) | symbol
    held += 5
    if (held >= 8) {
      held -= 8
      bytes[at++] = bits >> held
      bits &= (1 << held) - 1
    }
  }
  const key = new RecoveryKey(bytes)
  bytes.fill(0)
  return key
}

/** A mistake in the text of a recovery key, in terms that the person sees. spec V9 */
export type RecoveryKeyMistake =
  /** The text has not 28 characters, separators left out, but `characters`. */
  | { readonly type: 'length'; readonly characters: number; readonly expected: number }
  /** This group (1 to 7) has a character that occurs in no key. */
  | { readonly type: 'character'; readonly group: number }
  /** The check does not hold; if one wrong character explains it, it is in this group (1 to 7). */
  | { readonly type: 'check'; readonly group: number | undefined }
  /** The text has a later format. */
  | { readonly type: 'format' }
  /** The text is that of zeros, which are no key. spec V8 */
  | { readonly type: 'zeros' }

/**
 * The mistake in the text of a recovery key, so that a person can find it; `undefined` when the text is one. spec V9
 *
 * @throws TypeError for anything but text
 */
export function findRecoveryKeyMistake(text: string): RecoveryKeyMistake | undefined {
  checkString('text', text)
  const read = decodeSymbols(text)
  if (read.type === 'length') {
    return { type: 'length', characters: read.characters, expected: CODE_CHARACTERS }
  }
  if (read.type === 'character') return { type: 'character', group: groupOf(read.position) }
  const check = checkSymbols(read.symbols)
  if (!check.ok) {
    const { position } = check
    return { type: 'check', group: position === undefined ? undefined : groupOf(position) }
  }
  if ((read.symbols[0] ?? 0) >> 3 !== 0) return { type: 'format' }
  return read.symbols.every((symbol) => symbol === 0) ? { type: 'zeros' } : undefined
}

const groupOf = (position: number): number => Math.floor(position / 4) + 1

const DATA_CHARACTERS = 26
