import { ARGON2ID, isPassphraseKdf, PBKDF2 } from '@conclave/e2ee/passphrase'
import type { PassphraseKdf } from '@conclave/e2ee/passphrase'
import type { SlotRecord } from './slot.ts'

/**
 * Whether a passphrase of a vault may cost this much: within the bounds of the function, and at most four times the default,
 * as whoever has the storage can write any cost, and the device computes before it can authenticate it. spec V10
 */
export function isVaultKdf(kdf: PassphraseKdf): boolean {
  return isPassphraseKdf(kdf) && workOf(kdf) <= MAX_FACTOR * workOf(DEFAULTS[kdf.type])
}

/** Whether the slot costs what this device has pinned for it; a slot that it has not seen yet does. spec V10 */
export function isPinnedCost(
  { id, parameters }: SlotRecord,
  known: { readonly slot: string; readonly kdf: PassphraseKdf } | undefined,
): boolean {
  if (parameters.type !== 'passphrase' || known?.slot !== id) return true
  const [own, pinned] = [parameters.kdf, known.kdf]
  if (own.type !== 'argon2id' || pinned.type !== 'argon2id') {
    return own.type === pinned.type && own.iterations === pinned.iterations
  }
  const isSameMemory = own.memoryKiB === pinned.memoryKiB
  return (
    isSameMemory && own.iterations === pinned.iterations && own.parallelism === pinned.parallelism
  )
}

/** The time that a function takes, in the function's units. */
function workOf(kdf: PassphraseKdf): number {
  return kdf.type === 'argon2id' ? kdf.memoryKiB * kdf.iterations : kdf.iterations
}

const DEFAULTS = { argon2id: ARGON2ID, 'pbkdf2-sha256': PBKDF2 } as const
const MAX_FACTOR = 4
