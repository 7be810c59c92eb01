/**
 * The judgement of one session about who belongs to its room, by the statements that it knows: the one place that decides
 * whether another session is met. spec section "Admission"
 *
 * @module
 */
import { type Clock, Emitter, equalBytes } from '@conclave/base'
import { RoomAuthority } from '@conclave/e2ee/authority'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { IntroducedPerson } from '../messages/introductions.ts'
import { type Asking, AskingList } from './asking-list.ts'
import { MetSessions } from './met-sessions.ts'
import { NewestStatements } from './newest-statements.ts'
import { OwnStanding, type Standing } from './own-standing.ts'

/** The decision about a session. `held`: this session is not in itself, and decides later. */
export type Verdict = 'admitted' | 'waiting' | 'refused' | 'held'

/** Events of {@link Admission}. */
export interface AdmissionEvents {
  /** The statements, this session's standing, or the list of those who ask changed. */
  readonly changed: Record<never, never>
  /** The owner or a host said something new. */
  readonly stated: Record<never, never>
  /** A session asks to be let in. */
  readonly asks: Asking
  /** The decisions about others may be different now. */
  readonly reconsider: Record<never, never>
  /** The statements put a session of the roster out. */
  readonly putOut: { readonly participant: ParticipantId }
  /** The statements remove a session that is still in the roster. */
  readonly removing: { readonly participant: ParticipantId }
  /** A session that was removed asks to be let in again. */
  readonly returned: { readonly participant: ParticipantId }
  /** The owner named a new room; the path of its link. */
  readonly moved: { readonly path: string }
  /** A session was refused because there is no space to remember it, or another removal. spec R107 */
  readonly spent: Record<never, never>
  /** The owner's session is to make a new link. spec R107 */
  readonly renewalDue: Record<never, never>
  /** The statements removed this session. */
  readonly removed: Record<never, never>
}

/** The needs of {@link Admission}. */
export interface AdmissionOptions {
  readonly room: RoomId
  readonly self: ParticipantId
  /** The fingerprint of the room's owner. Left out: nobody owns the room, and everybody is admitted. */
  readonly owner: Uint8Array | undefined
  /** The person that certifies this session. */
  readonly personKey: Uint8Array | undefined
  readonly clock: Clock
}

/** Decides about other sessions, and knows how this one stands. */
export class Admission {
  /** The statements of the room's owner and hosts; `undefined` when nobody owns the room. */
  readonly authority: RoomAuthority | undefined
  readonly asking: AskingList
  /** Whether this session knows what was said before it came. */
  readonly newest: NewestStatements
  /** Everybody who was ever let in here. */
  readonly everMet: MetSessions = new MetSessions()
  readonly #options: AdmissionOptions
  readonly #emitter = new Emitter<AdmissionEvents>()
  readonly #standing: OwnStanding
  /** The sessions of the roster, and their persons. */
  readonly #members = new Map<ParticipantId, Uint8Array | undefined>()
  #timer: unknown

  constructor(options: AdmissionOptions) {
    const { room, owner, clock } = options
    this.#options = options
    this.authority = owner && new RoomAuthority({ room, owner })
    this.newest = new NewestStatements(clock)
    this.asking = new AskingList(() => this.#emitter.emit('changed', {}))
    this.#standing = new OwnStanding({
      isOpen: owner === undefined,
      clock,
      changed: () => {
        this.#emitter.emit('changed', {})
        if (this.#standing.isInside) this.#emitter.emit('reconsider', {})
      },
    })
  }

  /** Knows these statements from the beginning; those that are none of this room's are ignored. spec R104 */
  async restore(statements: readonly Uint8Array[]): Promise<void> {
    for (const statement of statements) await this.authority?.apply(statement)
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof AdmissionEvents>(
    type: T,
    handler: (event: AdmissionEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** This session in its room. */
  get standing(): Standing {
    return this.#standing.standing
  }

  /** Whether this session is in, as far as it knows: only then it answers others. */
  get isInside(): boolean {
    return this.#standing.isInside || this.#isEntitled
  }

  /** The fingerprint of the room's owner, if somebody owns it. */
  get owner(): Uint8Array | undefined {
    return this.#options.owner
  }

  /** The sessions in the roster. */
  get members(): readonly ParticipantId[] {
    return [...this.#members.keys()]
  }

  /** The sessions of the roster whose persons are hosts, or the owner. */
  get hosts(): readonly ParticipantId[] {
    const isHost = (key: Uint8Array | undefined): boolean =>
      key !== undefined && this.authority?.isHost(key) === true
    return [...this.#members].filter(([, key]) => isHost(key)).map(([id]) => id)
  }

  /** The sessions in the roster that a person certifies. */
  sessionsOf(personKey: Uint8Array): readonly ParticipantId[] {
    const isOf = (key: Uint8Array | undefined): boolean =>
      key !== undefined && equalBytes(key, personKey)
    return [...this.#members].filter(([, key]) => isOf(key)).map(([id]) => id)
  }

  /** Whether nobody else is let in, because there is no space to remember more. spec R107 */
  get isFull(): boolean {
    return this.everMet.isFull || this.authority?.isFull === true
  }

  /** Whether this session may let somebody in now. */
  get mayAdmit(): boolean {
    return this.authority?.mayAdmit(this.#options.personKey) === true
  }

  /** Decides about a session that introduced itself. spec R70 */
  judge(participant: ParticipantId, { personKey }: Pick<IntroducedPerson, 'personKey'>): Verdict {
    const { authority } = this
    if (!this.everMet.mayMeet(participant)) return this.#refuseSpent(participant)
    if (authority === undefined) return 'admitted'
    if (!this.isInside) return 'held'
    if (authority.isAdmitted(participant, personKey)) {
      this.asking.delete(participant)
      return 'admitted'
    }
    if (authority.isFull) return this.#refuseSpent(participant)
    const isAsk = authority.rule === 'ask' && !authority.isInvitationEnded
    const verdict = isAsk && !authority.isRemoved(participant) ? 'waiting' : 'refused'
    if (verdict === 'refused') this.asking.delete(participant)
    return verdict
  }

  /** A session was refused: the hub is told if it was removed. spec R75 */
  refused(participant: ParticipantId): void {
    const isRemoved = this.authority?.isRemoved(participant) === true
    if (isRemoved) this.#emitter.emit('returned', { participant })
  }

  /** It is time for a new link. */
  renewalDue(): void {
    this.#emitter.emit('renewalDue', {})
  }

  /** The owner named a new room. */
  moved(path: string): void {
    this.#emitter.emit('moved', { path })
  }

  /** A session waits to be let in. */
  waits(participant: ParticipantId, person: IntroducedPerson): void {
    const asking = Object.freeze({ id: participant, name: person.name, person: person.person })
    if (this.asking.add(asking)) this.#emitter.emit('asks', asking)
  }

  /** The transport stands, and names the others. */
  up(others: ReadonlySet<ParticipantId>): void {
    this.#standing.up(others.size)
    this.newest.up(others)
  }

  /** A session answered this one. */
  answered(by: ParticipantId, answer: 'admitted' | 'waiting' | 'refused'): void {
    if (answer === 'admitted') this.#standing.admitted(by)
    else this.#standing.told(by, answer)
  }

  /** A session entered the roster. */
  met(participant: ParticipantId, personKey: Uint8Array | undefined): void {
    this.#members.set(participant, personKey)
    this.#standing.met(participant)
    this.#emitter.emit('changed', {})
    // It may have been put out while its hello was on its way.
    this.#schedule()
  }

  /** A session left the roster, or the hub no longer names it. */
  gone(participant: ParticipantId): void {
    if (this.#members.delete(participant)) this.#emitter.emit('changed', {})
    this.#standing.gone(participant)
    this.newest.agreed(participant)
    this.asking.delete(participant)
  }

  /**
   * The statements changed. Sessions that were removed are put out at once; those whom no act admits get a little time,
   * because the act may be on its way. spec R72
   */
  stated(): void {
    const { authority } = this
    if (authority === undefined) return
    if (authority.isRemoved(this.#options.self)) {
      this.#emitter.emit('removed', {})
      return
    }
    for (const participant of [...this.#members.keys()]) {
      if (authority.isRemoved(participant)) this.#putOut(participant)
    }
    this.#schedule()
    this.#emitter.emit('changed', {})
    this.#emitter.emit('reconsider', {})
    this.#emitter.emit('stated', {})
  }

  /** Decides nothing from now on. */
  close(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#standing.close()
    this.newest.close()
    this.#emitter.clear()
  }

  /** Whether the statements name this session as one of the room. */
  get #isEntitled(): boolean {
    const { authority } = this
    const { self, personKey } = this.#options
    if (authority === undefined) return true
    return (
      authority.number > 0 && authority.rule !== 'open' && authority.isAdmitted(self, personKey)
    )
  }

  #schedule(): void {
    const { clock } = this.#options
    if (this.#timer !== undefined || this.#strangers.length === 0) return
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined
      const { authority, self, personKey } = { ...this.#options, authority: this.authority }
      const strangers = this.#strangers
      if (strangers.length === 0) return
      const isOut = authority?.isAdmitted(self, personKey) === false
      for (const participant of isOut ? [...this.#members.keys()] : strangers) {
        this.#putOut(participant)
      }
      if (isOut) this.#standing.putOut()
      this.#emitter.emit('reconsider', {})
    }, PATIENCE_MS)
  }

  /** Sessions of the roster that the statements do not admit, this one included. */
  get #strangers(): readonly ParticipantId[] {
    const { authority } = this
    if (authority === undefined) return []
    const { self, personKey } = this.#options
    const all = new Map(this.#members)
    if (all.size > 0) all.set(self, personKey)
    return [...all].filter(([id, key]) => !authority.isAdmitted(id, key)).map(([id]) => id)
  }

  #refuseSpent(participant: ParticipantId): Verdict {
    this.asking.delete(participant)
    this.#emitter.emit('spent', {})
    this.#emitter.emit('changed', {})
    return 'refused'
  }

  #putOut(participant: ParticipantId): void {
    const isRemoved = this.authority?.isRemoved(participant) === true
    if (isRemoved) this.#emitter.emit('removing', { participant })
    this.#members.delete(participant)
    this.#emitter.emit('putOut', { participant })
  }
}

const PATIENCE_MS = 3000
