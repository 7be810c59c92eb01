import { importExpandKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { deriveChainRoot, deriveNextChain, joinEpoch, splitEpoch } from './key-chain.ts'

/**
 * The number of steps for which a sender's keys are derived ahead of the newest granted epoch, and of its epochs held up
 * to that one. spec K31, K33
 */
export const MAX_RATCHET_STEPS = 64

/** The beginning of an epoch: its root, and the chain if later ones may be derived. */
export interface EpochStart {
  /** Whether the sender does not seal in it yet. */
  readonly prepared: boolean
  readonly root: Promise<SecretKey>
  readonly chain: Promise<SecretKey> | undefined
}

/**
 * The epochs of one sender: some earlier ones, the current one, and requested ones ahead of it. Each is derived once,
 * so the cost of messages that claim a later epoch is bounded by the number of steps.
 */
export class SenderEpochs {
  /** By epoch, which rises. Epochs after the current one are only looked ahead to. */
  readonly #rootByEpoch = new Map<bigint, Promise<SecretKey>>()
  /** Those that the sender itself is known to have named, which rise. */
  readonly #granted = new Set<bigint>()
  /** The chain of the last epoch in the table; none where only this epoch was granted. */
  #chain: Promise<SecretKey> | undefined
  #current: bigint
  #inUse: bigint | undefined
  /** The first number of each generation before which epochs are in their grace, and when that is over; the earliest first. */
  readonly #endings: { readonly first: bigint; readonly endsAt: number }[] = []

  constructor(epoch: bigint, start: EpochStart) {
    this.#current = epoch
    this.#begin(epoch, start)
  }

  /** The newest epoch that was granted. */
  get current(): bigint {
    return this.#current
  }

  /** The newest granted epoch that the sender is known to have begun; the current one until something is known. */
  get inUse(): bigint {
    return this.#inUse ?? this.#current
  }

  /** Whether there is a root for this epoch now, derived or held. */
  has(epoch: bigint): boolean {
    return this.#rootByEpoch.has(epoch)
  }

  /** The root of an epoch that is held or within reach; moves nothing. spec K31 */
  root(epoch: bigint): Promise<SecretKey> | undefined {
    this.#lookAhead(epoch)
    return this.#rootByEpoch.get(epoch)
  }

  /** The newest epoch held or within reach whose number ends in this byte. spec K21 */
  endingIn(byte: number): bigint | undefined {
    if (this.#chain !== undefined) {
      const distance = BigInt((byte - Number(this.#current & 255n)) & 255)
      const ahead = this.#current + distance
      if (distance > 0n && this.#isWithinReach(ahead)) return ahead
    }
    const held = [...this.#rootByEpoch.keys()].reverse()
    return held.find((epoch) => epoch <= this.#current && Number(epoch & 255n) === byte)
  }

  /**
   * Something sealed in this epoch has authenticated: the grant that opens it is in use. Returns that grant's epoch, or
   * `undefined` when it was in use before. A step ahead of it ends nothing, since each holder can seal in it. spec K22, K31
   */
  moveTo(epoch: bigint): bigint | undefined {
    if (!this.#rootByEpoch.has(epoch)) return undefined
    const begun = [...this.#granted].reverse().find((granted) => granted <= epoch)
    if (begun === undefined || begun <= (this.#inUse ?? -1n)) return undefined
    this.#inUse = begun
    return begun
  }

  /**
   * A caller knows that the sender has come to this step: it counts as granted. `false`, and nothing, when it is out of
   * reach. spec K33
   */
  follow(epoch: bigint): boolean {
    if (!this.#isWithinReach(epoch)) return false
    this.#lookAhead(epoch)
    this.#current = epoch
    this.#inUse = epoch
    this.#granted.add(epoch)
    return true
  }

  /**
   * Begins an epoch that was granted, later than the current one. The steps in which the sender may have sealed before it
   * stay within reach. Returns the epochs that retire for it. spec K30
   */
  advance(epoch: bigint, start: EpochStart): bigint[] {
    const { generation } = splitEpoch(this.#current)
    const { step } = splitEpoch(epoch)
    const last = joinEpoch({ generation, step: step - 1n })
    this.#lookAhead(last)
    const retired = this.retire((held) => held > last)
    this.#begin(epoch, start)
    this.#current = epoch
    return [...retired, ...this.#trim()]
  }

  /** When the next grace is over. */
  get nextEnd(): number {
    return this.#endings[0]?.endsAt ?? Number.POSITIVE_INFINITY
  }

  /**
   * Begins the grace of the epochs before the generation in use, if the one that was in use `before` is of another. Those before a
   * ratchet have none: a member can ratchet in another's name, and would end the epoch in which that one seals. spec K31, K33
   */
  beginGrace(before: bigint | undefined, endsAt: number): void {
    const first = joinEpoch({ generation: splitEpoch(this.inUse).generation, step: 0n })
    if (before === undefined || before >= first) return
    this.#endings.push({ first, endsAt })
    // As many epochs are held: those before the oldest are gone.
    if (this.#endings.length > MAX_RATCHET_STEPS) this.#endings.shift()
  }

  /** Retires the epochs whose grace is over; returns which. */
  endGrace(now: number): bigint[] {
    let first = 0n
    while (this.nextEnd <= now) first = this.#endings.shift()?.first ?? first
    return this.retire((epoch) => epoch < first)
  }

  /** Drops the roots of some epochs; returns which. */
  retire(isOver: (epoch: bigint) => boolean): bigint[] {
    const retired = [...this.#rootByEpoch.keys()].filter(isOver)
    for (const epoch of retired) {
      this.#rootByEpoch.delete(epoch)
      this.#granted.delete(epoch)
    }
    return retired
  }

  /** Drops everything; returns which epochs. */
  clear(): bigint[] {
    this.#chain = undefined
    return this.retire(() => true)
  }

  #begin(epoch: bigint, { root, chain, prepared }: EpochStart): void {
    if (!prepared) this.#inUse = epoch
    this.#rootByEpoch.set(epoch, handled(root))
    this.#granted.add(epoch)
    this.#chain = chain && handled(chain)
  }

  #isWithinReach(epoch: bigint): boolean {
    return (
      this.#chain !== undefined &&
      splitEpoch(epoch).generation === splitEpoch(this.#current).generation &&
      epoch > this.#current &&
      epoch <= this.#current + BigInt(MAX_RATCHET_STEPS)
    )
  }

  #lookAhead(epoch: bigint): void {
    if (!this.#isWithinReach(epoch)) return
    let [last = this.#current] = [...this.#rootByEpoch.keys()].reverse()
    for (; last < epoch; last += 1n) {
      const [from, chain] = [last, this.#chain]
      if (chain === undefined) return
      const next = handled(derive(chain, (key) => deriveNextChain(key, from)))
      this.#chain = next
      this.#rootByEpoch.set(
        from + 1n,
        handled(derive(next, (key) => deriveChainRoot(key, from + 1n))),
      )
    }
  }

  #trim(): bigint[] {
    const held = [...this.#rootByEpoch.keys()].filter((epoch) => epoch <= this.#current)
    const oldest = new Set(held.slice(0, Math.max(0, held.length - MAX_RATCHET_STEPS)))
    return this.retire((epoch) => oldest.has(epoch))
  }
}

const derive = async (
  chain: Promise<SecretKey>,
  step: (key: SecretKey) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<SecretKey> => importExpandKey(await step(await chain))

/** The next export reports the failure; no one listens before. */
function handled(key: Promise<SecretKey>): Promise<SecretKey> {
  key.catch(() => {})
  return key
}
