import { importExpandKey } from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import type { ParticipantId } from '@conclave/wire'
import { checkGrace } from '../core/grace.ts'
import type { GraceOptions } from '../core/grace.ts'
import { deriveChainRoot } from './key-chain.ts'
import type { KeySourceEvents } from './key-source.ts'
import type { ChainKey } from './own-key.ts'
import type { ParticipantKeyGrant } from './participant-key-grant.ts'
import { SenderEpochs } from './sender-epochs.ts'
import type { EpochStart } from './sender-epochs.ts'

/** Participants whose keys are held at once. spec K33 */
export const MAX_PARTICIPANTS = 1024
/** Participants that are held or were, over the life of a key source: none is forgotten. spec K33 */
export const MAX_REMEMBERED_PARTICIPANTS = 4096

/** The result of a grant that arrived. */
export type GrantOutcome =
  | { readonly type: 'set'; readonly epoch: bigint }
  /** This epoch of the participant is the current one already; nothing changed. */
  | { readonly type: 'known'; readonly epoch: bigint }
  /**
   * Nothing changed. `another-participant`: it was granted for another participant's key; `old`: an epoch before the
   * current one, or below the minimum; `too-many-participants`: as many are held, or remembered, as can be.
   */
  | {
      readonly type: 'refused'
      readonly reason: 'another-participant' | 'old' | 'too-many-participants'
    }

/** An event of the key source that a change causes. */
export interface KeyChange {
  readonly type: keyof KeySourceEvents
  readonly epoch: bigint
  readonly sender: ParticipantId
}

/**
 * The keys of all senders of a participant key source: which grants are accepted, which epochs open, and when they
 * retire. Methods that change something return the events of the change, in the order in which they are to be
 * emitted. spec K30, K31, K33
 */
export class ParticipantKeys {
  readonly #epochsBySender = new Map<ParticipantId, SenderEpochs>()
  /** No earlier epoch of these senders is accepted: they were removed, or a minimum was set for them. Nothing is evicted. */
  readonly #minBySender = new Map<ParticipantId, bigint>()
  readonly #grace: ReturnType<typeof checkGrace>
  /** No grace is over before. */
  #nextEnd = Number.POSITIVE_INFINITY

  /** @throws TypeError, RangeError that name the argument */
  constructor(grace: GraceOptions = {}) {
    this.#grace = checkGrace(grace)
  }

  /** The epochs of a sender. */
  get(sender: ParticipantId): SenderEpochs | undefined {
    return this.#epochsBySender.get(sender)
  }

  /** The senders whose keys are held. */
  senders(): MapIterator<ParticipantId> {
    return this.#epochsBySender.keys()
  }

  /** Accepts a grant of `participant` if it is valid. Reads the grant before it returns. spec K30 */
  accept(
    participant: ParticipantId,
    grant: ParticipantKeyGrant,
  ): { readonly outcome: GrantOutcome; readonly changes: readonly KeyChange[] } {
    const outcome = this.#judge(participant, grant)
    if (outcome.type !== 'set') return { outcome, changes: [] }
    return { outcome, changes: this.#begin(participant, grant.epoch, startOfGrant(grant)) }
  }

  /** Begins an epoch of this session's own. Copies the secret. */
  beginOwn(self: ParticipantId, key: ChainKey): readonly KeyChange[] {
    return this.#begin(self, key.epoch, startOfOwn(key))
  }

  /** Drops the keys of senders: neither their last epoch nor an earlier one is accepted again. spec K33 */
  forget(senders: readonly ParticipantId[]): readonly KeyChange[] {
    return senders.flatMap((sender) => {
      const epochs = this.#epochsBySender.get(sender)
      if (epochs === undefined) return []
      this.#raiseMin(sender, epochs.current + 1n)
      this.#epochsBySender.delete(sender)
      return retirements(sender, epochs.clear())
    })
  }

  /** Refuses earlier epochs of a sender, for good. A lower minimum than before changes nothing. spec K33 */
  setMin(sender: ParticipantId, epoch: bigint): readonly KeyChange[] {
    this.#raiseMin(sender, epoch)
    const epochs = this.#epochsBySender.get(sender)
    if (epochs === undefined) return []
    const isAhead = epoch > epochs.current
    if (!isAhead || epochs.follow(epoch)) {
      const earlier = epochs.retire((held) => held < epoch)
      const changes = isAhead ? [{ type: 'epochChanged', epoch, sender } as const] : []
      return [...changes, ...retirements(sender, earlier)]
    }
    this.#epochsBySender.delete(sender)
    return retirements(sender, epochs.clear())
  }

  /** Retires the epochs before those that senders, all or one, seal in now. spec K33 */
  retireEarlier(only?: ParticipantId): readonly KeyChange[] {
    return [...this.#epochsBySender].flatMap(([sender, epochs]) => {
      const { inUse } = epochs
      if ((only ?? sender) !== sender) return []
      return retirements(
        sender,
        epochs.retire((epoch) => epoch < inUse),
      )
    })
  }

  /** Something that `sender` sealed in `epoch` has authenticated. spec K22 */
  confirm(sender: ParticipantId, epoch: bigint): readonly KeyChange[] {
    const epochs = this.#epochsBySender.get(sender)
    const before = epochs?.inUse
    const begun = epochs?.moveTo(epoch)
    if (begun === undefined) return []
    return [{ type: 'epochChanged', epoch: begun, sender }, ...this.#rotated(sender, before)]
  }

  /** Retires the epochs before each rotation whose grace is over. spec K33 */
  sweep(): readonly KeyChange[] {
    if (this.#nextEnd === Number.POSITIVE_INFINITY) return []
    const now = this.#grace.now()
    if (this.#nextEnd > now) return []
    const changes = [...this.#epochsBySender].flatMap(([sender, epochs]) =>
      retirements(sender, epochs.endGrace(now)),
    )
    const ends = Array.from(this.#epochsBySender.values(), (epochs) => epochs.nextEnd)
    this.#nextEnd = Math.min(...ends, Number.POSITIVE_INFINITY)
    return changes
  }

  /** Drops all keys. */
  clear(): readonly KeyChange[] {
    const all = [...this.#epochsBySender]
    this.#epochsBySender.clear()
    return all.flatMap(([sender, epochs]) => retirements(sender, epochs.clear()))
  }

  #judge(participant: ParticipantId, grant: ParticipantKeyGrant): GrantOutcome {
    const { epoch } = grant
    if (grant.participant !== participant) return refused('another-participant')
    const known = this.#epochsBySender.get(participant)
    if (known?.current === epoch) return { type: 'known', epoch }
    if (known && epoch < known.current) return refused('old')
    if (epoch < (this.#minBySender.get(participant) ?? 0n)) return refused('old')
    const isFull =
      !known && (this.#epochsBySender.size >= MAX_PARTICIPANTS || !this.#hasPlace(participant))
    return isFull ? refused('too-many-participants') : { type: 'set', epoch }
  }

  #begin(sender: ParticipantId, epoch: bigint, start: EpochStart): readonly KeyChange[] {
    const epochs = this.#epochsBySender.get(sender)
    const before = epochs?.inUse
    if (epochs === undefined) this.#epochsBySender.set(sender, new SenderEpochs(epoch, start))
    const retired = epochs?.advance(epoch, start) ?? []
    const changes: KeyChange[] = [
      { type: start.prepared ? 'epochAdded' : 'epochChanged', epoch, sender },
    ]
    return [...changes, ...retirements(sender, retired), ...this.#rotated(sender, before)]
  }

  /** The grace of the epochs before a rotation begins, when the sender is known to seal after it. spec K33 */
  #rotated(sender: ParticipantId, before: bigint | undefined): readonly KeyChange[] {
    const endsAt = this.#grace.now() + this.#grace.graceMs
    this.#epochsBySender.get(sender)?.beginGrace(before, endsAt)
    this.#nextEnd = Math.min(this.#nextEnd, endsAt)
    return this.sweep()
  }

  /** Whether the end of a participant's keys can be remembered: those that are held keep a place for it. */
  #hasPlace(participant: ParticipantId): boolean {
    if (this.#minBySender.has(participant) || this.#epochsBySender.has(participant)) return true
    const held = [...this.#epochsBySender.keys()].filter((id) => !this.#minBySender.has(id))
    return this.#minBySender.size + held.length < MAX_REMEMBERED_PARTICIPANTS
  }

  #raiseMin(sender: ParticipantId, epoch: bigint): void {
    // Without a place nothing of it is ever accepted.
    if (!this.#hasPlace(sender)) return
    const min = this.#minBySender.get(sender) ?? 0n
    this.#minBySender.set(sender, epoch > min ? epoch : min)
  }
}

const retirements = (sender: ParticipantId, epochs: readonly bigint[]): KeyChange[] =>
  epochs.map((epoch) => ({ type: 'epochRetired', epoch, sender }))

/** A session derives each epoch from the state of its key, so nothing is derived ahead. */
function startOfOwn({ epoch, secret }: ChainKey): EpochStart {
  const chain = importExpandKey(new Uint8Array(secret))
  return { root: deriveRoot(chain, epoch), chain: undefined, prepared: false }
}

function startOfGrant(grant: ParticipantKeyGrant): EpochStart {
  const key = importExpandKey(grant.unsafeExport())
  const { epoch, following, prepared } = grant
  return following
    ? { root: deriveRoot(key, epoch), chain: key, prepared }
    : { root: key, chain: undefined, prepared }
}

async function deriveRoot(chain: Promise<SecretKey>, epoch: bigint): Promise<SecretKey> {
  return importExpandKey(await deriveChainRoot(await chain, epoch))
}

const refused = (
  reason: Extract<GrantOutcome, { readonly type: 'refused' }>['reason'],
): GrantOutcome => ({ type: 'refused', reason })
