import { E2eeError } from '../errors.ts'
import type { KeyName } from '../keys/event-keys.ts'

/** Bound of the key ids that a ring remembers, held or not. spec P38 */
export const MAX_KEY_IDS = 65_536

/** Bound of the ended epochs that are remembered of a key id one by one; with one more, all up to the lowest have ended. spec P36 */
export const MAX_ENDED_EPOCHS = 256

/** How far a received key may be ahead of the epoch in use. spec P55 */
const MAX_EPOCHS_AHEAD = 1024n

/** The past of each key id on a ring, which outlives its keys: nothing of it is ever taken back. spec P35, P36, P37 */
export class KeyLimits {
  readonly #limitsById = new Map<string, KeyIdLimits>()

  /** The lowest epoch of a key id that may seal, open or enter. */
  minEpoch(keyId: string): bigint {
    return this.#limitsById.get(keyId)?.minEpoch ?? 0n
  }

  /** Raises the lowest epoch of a key id. Returns `false`, and does nothing, when it is not higher than before. */
  raiseMinEpoch({ keyId, epoch }: KeyName): boolean {
    if (epoch <= this.minEpoch(keyId)) return false
    this.#of(keyId).minEpoch = epoch
    return true
  }

  /** Whether a name ended: no key of this name seals or opens again as a live one. */
  hasEnded({ keyId, epoch }: KeyName): boolean {
    const limits = this.#limitsById.get(keyId)
    return limits !== undefined && (epoch <= limits.allEnded || limits.ended.has(epoch))
  }

  /** A key of this name has ended. */
  end({ keyId, epoch }: KeyName): void {
    const limits = this.#of(keyId)
    limits.ended.add(epoch)
    if (limits.ended.size <= MAX_ENDED_EPOCHS) return
    let lowest = epoch
    for (const ended of limits.ended) if (ended < lowest) lowest = ended
    limits.ended.delete(lowest)
    if (lowest > limits.allEnded) limits.allEnded = lowest
  }

  /**
   * Checks that a key of this name may seal.
   *
   * @throws RangeError for an epoch below one that sealed before, and for a received key that is far ahead of it
   */
  checkUse({ keyId, epoch }: KeyName, { isReceived }: { readonly isReceived: boolean }): void {
    const used = this.#limitsById.get(keyId)?.used
    if (used === undefined) return
    if (epoch < used) throw new RangeError(`"epoch" expected ${used} at least, got ${epoch}`)
    if (isReceived && epoch > used + MAX_EPOCHS_AHEAD) {
      throw new RangeError(`"epoch" expected ${used + MAX_EPOCHS_AHEAD} at most, got ${epoch}`)
    }
  }

  /** A key of this name seals from now on. */
  use({ keyId, epoch }: KeyName): void {
    this.#of(keyId).used = epoch
  }

  /**
   * Remembers a key id from now on, whatever becomes of its keys.
   *
   * @throws E2eeError `ERR_E2EE_TOO_MANY_KEYS`
   */
  remember(keyId: string): void {
    if (this.#limitsById.has(keyId)) return
    if (this.#limitsById.size >= MAX_KEY_IDS) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_KEYS', { maxKeys: MAX_KEY_IDS })
    }
    this.#limitsById.set(keyId, { minEpoch: 0n, used: undefined, allEnded: -1n, ended: new Set() })
  }

  #of(keyId: string): KeyIdLimits {
    this.remember(keyId)
    const limits = this.#limitsById.get(keyId)
    if (limits === undefined) throw new Error('unreachable: the key id is remembered')
    return limits
  }
}

interface KeyIdLimits {
  minEpoch: bigint
  /** The highest epoch that sealed. */
  used: bigint | undefined
  /** It and everything below has ended. */
  allEnded: bigint
  readonly ended: Set<bigint>
}
