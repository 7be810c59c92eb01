import { copyBytes, decodeBytes, equalBytes } from '@conclave/base'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { roomToBytes } from '../session/statements.ts'
import { HostActs, isHost, MAX_TOMBSTONES } from './host-acts.ts'
import { decodeHostStatement, HOST_TYPE, verifyHostStatement } from './host-statement.ts'
import type { SignedHostStatement } from './host-statement.ts'
import { OWNER_FINGERPRINT_BYTES } from './owner-keys.ts'
import { MAX_POLICY_BYTES, MAX_REMOVED_PER_POLICY } from './policy.ts'
import type { AdmissionRule, HistoryRule, Policy } from './policy.ts'
import { comparePolicies, judgePolicy, verifyPolicy } from './policy-statement.ts'
import type {
  OwnedRoom,
  PolicyJudgement,
  RefusedStatement,
  SignedPolicy,
} from './policy-statement.ts'

/** The effect of a statement. Ask the state again after every one but `known` and `refused`: it may have changed. */
export type AppliedStatement =
  /** A policy of the owner. Also an older one may remove sessions. spec U6, U7 */
  | {
      readonly type: 'policy'
      readonly judgement: Exclude<PolicyJudgement, 'known'>
      readonly policy: Policy
    }
  /** An act of a host stands. spec U10 */
  | { readonly type: 'act'; readonly statement: SignedHostStatement }
  /** An act is kept and does not stand: its policy is unknown as yet, or its person is no host. spec U10 */
  | {
      readonly type: 'waiting'
      readonly reason: 'unknown-policy' | 'not-host'
      readonly statement: SignedHostStatement
    }
  /** The same was said before, or the same act for a lower number. */
  | { readonly type: 'known' }
  /** `full`: there is no space for another removal, and the room needs a new root. spec U15 */
  | { readonly type: 'refused'; readonly reason: RefusedStatement['reason'] | 'full' }

/** Changes of the state that the owner sets; everything else stays. */
export interface PolicyChange {
  readonly rule?: AdmissionRule | undefined
  readonly history?: HistoryRule | undefined
  readonly hosts?: readonly Uint8Array[] | undefined
  /** Sessions to remove, beside those that are removed. */
  readonly remove?: readonly ParticipantId[] | undefined
  /** Ends the invitation, for good. */
  readonly endInvitation?: boolean | undefined
}

/**
 * The state of a room as its owner and hosts set it, for one member. It depends on the statements that were applied and
 * not on their order. No I/O: the caller carries the statements. chapter authority
 */
export class RoomAuthority {
  readonly #place: OwnedRoom
  readonly #acts = new HostActs()
  /** The one that counts first. */
  #policies: readonly SignedPolicy[] = []
  /** By the owner's policies. */
  #removed = new Set<ParticipantId>()
  #ended = false
  #full = false

  get [Symbol.toStringTag](): string {
    return 'RoomAuthority'
  }

  /**
   * @param place the room, and the owner's fingerprint that it is bound to; copied
   * @throws TypeError that names the argument
   */
  constructor({ room, owner }: { readonly room: RoomId; readonly owner: Uint8Array }) {
    roomToBytes(room)
    this.#place = { room, owner: copyBytes('owner', owner, OWNER_FINGERPRINT_BYTES) }
  }

  /** The number of the policy that counts; 0 before the first one. */
  get number(): number {
    return this.#policy?.number ?? 0
  }

  /** The rule by which somebody is let in. spec U13 */
  get rule(): AdmissionRule {
    return this.#policy?.rule ?? 'open'
  }

  /** The messages that are repeated to newcomers. */
  get history(): HistoryRule {
    return this.#policy?.history ?? 'none'
  }

  /** The person keys of the hosts, without the owner's. Fresh copies with each read. */
  get hosts(): readonly Uint8Array<ArrayBuffer>[] {
    return (this.#policy?.hosts ?? []).map((key) => new Uint8Array(key))
  }

  /** Whether the link lets nobody in, for good. spec U7 */
  get isInvitationEnded(): boolean {
    return this.#ended
  }

  /** Whether there was no space for a removal: nobody is admitted, and the room needs a new root. spec U15 */
  get isFull(): boolean {
    return this.#full
  }

  /** How many sessions are removed. At 1,024 the owner's policies hold no further one, so it makes a new link before. spec U8 */
  get removedCount(): number {
    return this.#allRemoved().size
  }

  /** Whether two policies have the number of the one that counts. The owner settles it by its next one. spec U6 */
  get isConflicting(): boolean {
    const [first, second] = this.#policies
    return first !== undefined && first.policy.number === second?.policy.number
  }

  /**
   * Takes a statement from anybody, and says what it changed. Never throws for the bytes, which are read before the call
   * returns. spec U5, U14
   *
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   */
  async apply(bytes: unknown): Promise<AppliedStatement> {
    const copy = decodeBytes(bytes, { min: 2, max: MAX_POLICY_BYTES })
    if (this.#isKept(copy)) return { type: 'known' }
    const verify = copy?.[1] === HOST_TYPE ? verifyHostStatement : verifyPolicy
    const verified = await verify(copy, this.#place)
    if (verified.type === 'refused') return verified
    return verified.type === 'host' ? this.#applyAct(verified) : this.#applyPolicy(verified)
  }

  /** Whether a person is a host, or the owner. Before the first policy nobody is. */
  isHost(personKey: Uint8Array): boolean {
    return isHost(this.#policies[0], personKey)
  }

  /** Whether the sessions of a person may let somebody in now; a session may have no person. spec U13 */
  mayAdmit(personKey?: Uint8Array): boolean {
    if (!this.#isOpenToSome) return false
    return this.rule === 'open' || (personKey !== undefined && this.isHost(personKey))
  }

  /** Whether a session belongs to the room; a session may have no person. Those that do not are put out. spec U13 */
  isAdmitted(session: ParticipantId, personKey?: Uint8Array): boolean {
    if (this.isRemoved(session)) return false
    if (this.#isOpenToSome && this.rule === 'open') return true
    return (personKey !== undefined && this.isHost(personKey)) || this.#acts.has('admit', session)
  }

  /** Whether a session was removed. spec U11 */
  isRemoved(session: ParticipantId): boolean {
    return this.#removed.has(session) || this.#acts.has('remove', session)
  }

  /** The fewest statements that prove to a hub that a session was removed; `undefined` if it was not. spec U11, H37 */
  removalProof(session: ParticipantId): readonly Uint8Array<ArrayBuffer>[] | undefined {
    const policy = this.#policies.find(({ policy: { removed } }) => removed.includes(session))
    if (policy !== undefined) return [new Uint8Array(policy.bytes)]
    const act = this.#acts
      .ofHosts()
      .find((each) => each.act === 'remove' && each.session === session && this.#acts.stands(each))
    const [first] = this.#policies
    return act && [...(first ? [first] : []), act].map(({ bytes }) => new Uint8Array(bytes))
  }

  /** The statements that give a newcomer the same state, in the order in which it understands them. spec U16 */
  statements(): readonly Uint8Array<ArrayBuffer>[] {
    const said = new Set<ParticipantId>()
    let ended = false
    const policies = this.#policies.filter(({ policy }, index) => {
      const isNew = policy.removed.some((id) => !said.has(id)) || (policy.invitationEnded && !ended)
      for (const id of policy.removed) said.add(id)
      ended ||= policy.invitationEnded
      const isRival = index === 1 && this.isConflicting
      return index === 0 || isRival || isNew
    })
    const acts = this.#acts
      .ofHosts()
      .filter(({ act, session }) => act === 'admit' || !said.has(session))
    return [...policies, ...acts].map(({ bytes }) => new Uint8Array(bytes))
  }

  /**
   * The owner's next policy, to be signed: this one with the changes, and with all removals that the member knows. Returns
   * `undefined`, not throws, if they do not fit: the room needs a new root. The end of the invitation always fits, with as
   * many removals as there is space for. spec U8
   */
  nextPolicy(change: PolicyChange): Policy | undefined {
    const removed = [...new Set([...(change.remove ?? []), ...this.#allRemoved()])]
    const isSpent = this.#full || removed.length > MAX_REMOVED_PER_POLICY
    const isLast = change.endInvitation === true && change.hosts === undefined
    if (isSpent && !isLast) return undefined
    return {
      number: this.number + 1,
      rule: change.rule ?? this.rule,
      history: change.history ?? this.history,
      invitationEnded: this.#ended || change.endInvitation === true,
      hosts: change.hosts ?? this.hosts,
      removed: removed.slice(0, MAX_REMOVED_PER_POLICY),
    }
  }

  /** Those of the owner's policies come first. */
  #allRemoved(): ReadonlySet<ParticipantId> {
    const removed = new Set(this.#removed)
    for (const statement of this.#acts.ofHosts()) {
      if (statement.act === 'remove' && this.#acts.stands(statement)) removed.add(statement.session)
    }
    return removed
  }

  get #policy(): Policy | undefined {
    return this.#policies[0]?.policy
  }

  get #isOpenToSome(): boolean {
    return this.rule !== 'locked' && !this.#ended && !this.#full
  }

  #isKept(bytes: Uint8Array | undefined): boolean {
    const act = decodeHostStatement(bytes)
    if (act !== undefined) return this.#acts.holds(act)
    return bytes !== undefined && this.#policies.some((kept) => equalBytes(kept.bytes, bytes))
  }

  #applyPolicy(signed: SignedPolicy): AppliedStatement {
    const { policy } = signed
    if (this.#policies.some((kept) => comparePolicies(kept, signed) === 0)) return { type: 'known' }
    const judgement = judgePolicy(this.#policies[0], signed)
    if (judgement === 'known') return { type: 'known' }
    const removed = new Set([...this.#removed, ...policy.removed])
    if (removed.size > MAX_TOMBSTONES) this.#full = true
    // The ids that come first, so that the order of the statements makes no difference.
    this.#removed = this.#full ? new Set([...removed].sort().slice(0, MAX_TOMBSTONES)) : removed
    this.#ended ||= policy.invitationEnded
    this.#policies = [...this.#policies, signed].sort(comparePolicies).slice(0, MAX_POLICIES)
    const isFirst = this.#policies[0] === signed
    if (isFirst && !this.#acts.setPolicy(signed)) this.#full = true
    return { type: 'policy', judgement, policy }
  }

  #applyAct(statement: SignedHostStatement): AppliedStatement {
    const kept = this.#acts.keep(statement)
    if (kept === 'known') return { type: 'known' }
    if (kept === 'full') {
      this.#full = true
      return { type: 'refused', reason: 'full' }
    }
    if (this.#acts.stands(statement)) return { type: 'act', statement }
    const isEarly = statement.number > this.number
    return { type: 'waiting', reason: isEarly ? 'unknown-policy' : 'not-host', statement }
  }
}

/** The most policies that a member keeps. spec U15 */
const MAX_POLICIES = 8
