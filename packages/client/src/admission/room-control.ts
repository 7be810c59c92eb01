/**
 * The side of a room's authority that applications call: its rule, its hosts, and who is let in and put out.
 *
 * @module
 */
import { BoundedMap, type Clock, encodeBase64Url } from '@conclave/base'
import {
  type HostAct,
  type OwnerKeys,
  type PersonCertificate,
  type PolicyChange,
  signHostStatement,
  signPolicy,
} from '@conclave/e2ee/authority'
import type { SessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { OWNER, PARTICIPANT_ID, checkArgument, oneOf } from '../arguments.ts'
import { ClientError } from '../errors.ts'
import type { Introduction } from '../messages/introductions.ts'
import type { PersonId } from '../persons/person-id.ts'
import type { Admission } from './admission.ts'
import type { NewLinks } from './new-link.ts'
import type { StatementExchange } from './statement-exchange.ts'

/** The rule by which sessions come in: everybody with the link, those who are let in, or nobody. spec U13 */
export type RoomRule = 'open' | 'ask' | 'locked'

/** The needs of {@link RoomControl}. */
export interface RoomControlOptions {
  readonly room: RoomId
  readonly session: SessionKeys
  readonly clock: Clock
  readonly admission: Admission
  readonly exchange: StatementExchange | undefined
  /** The owner's keys and the owner's word for this session, on a device of the owner. */
  readonly owner: { readonly keys: OwnerKeys; readonly certificate: PersonCertificate } | undefined
  /** The person's word for this session. */
  readonly certificate: PersonCertificate | undefined
  readonly links: NewLinks | undefined
  /** Seals the message that names a new room to one session. */
  readonly send: (to: ParticipantId, body: Uint8Array<ArrayBuffer>) => Promise<void>
  /** The sessions in the roster. */
  readonly roster: () => readonly ParticipantId[]
  /** The keys and the person of a session that is, or was, in the roster. */
  readonly introductionOf: (participant: ParticipantId) => Introduction | undefined
  /** Tells the hub that a session was removed. */
  removed(participant: ParticipantId): void
}

/** Lets in and puts out, and sets the rule of the room. Every method resolves when its statement is handed on; all members judge by it. */
export class RoomControl {
  readonly #options: RoomControlOptions
  /** The persons of sessions that were let in here: after a reload they are let in again. */
  readonly #letIn = new BoundedMap<PersonId, true>(MAX_LET_IN)
  #work: Promise<void> = Promise.resolve()

  get [Symbol.toStringTag](): string {
    return 'RoomControl'
  }

  /** Not for applications: `room.authority` is one. */
  constructor(options: RoomControlOptions) {
    this.#options = options
    options.admission.on('asks', ({ id, person }) => {
      const isKnown = person !== undefined && this.#letIn.has(person)
      if (isKnown && this.role !== undefined) void this.admit(id).catch(() => {})
    })
  }

  /** This session's place: the owner's, a host's, or none. */
  get role(): 'owner' | 'host' | undefined {
    const { owner, certificate, admission } = this.#options
    if (owner !== undefined) return 'owner'
    const isHost = certificate && admission.authority?.isHost(certificate.personKey)
    return isHost === true ? 'host' : undefined
  }

  /**
   * All that the owner and the hosts said, as this session repeats it to others. Keep it on the owner's device after each
   * `statementsChanged`, and give it to the next join: a room that everybody left has forgotten it. It holds no secrets. spec R104
   */
  statements(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#options.admission.authority?.statements() ?? []
  }

  /**
   * Sets who may come in. Those who are in stay. For the owner.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   * @throws ClientError `ERR_CLIENT_NOT_PERMITTED`, `ERR_CLIENT_ROOM_SPENT`, `ERR_CLIENT_CLOSED` when the session ends before
   */
  setRule(rule: RoomRule): Promise<void> {
    checkArgument('rule', rule, RULE)
    return this.#setPolicy(() => ({ rule }))
  }

  /**
   * Sets whether newcomers get the messages that were written before they came: `none`, or those of the `call` while it
   * lasts. For the owner.
   *
   * @throws as {@link setRule}
   */
  setHistory(history: 'none' | 'call'): Promise<void> {
    checkArgument('history', history, HISTORY)
    return this.#setPolicy(() => ({ history }))
  }

  /**
   * Makes the person of a participant a host, who may let in and put out; or, with `isHost: false`, takes the place away.
   * For the owner.
   *
   * @throws as {@link setRule}; ClientError `ERR_CLIENT_NO_PERSON` when no person certifies the participant
   */
  async setHost(
    participant: ParticipantId,
    { isHost = true }: { readonly isHost?: boolean } = {},
  ): Promise<void> {
    checkArgument('participant', participant, PARTICIPANT_ID)
    const person = this.#options.introductionOf(participant)?.personKey
    if (person === undefined) throw new ClientError('ERR_CLIENT_NO_PERSON', undefined)
    const text = encodeBase64Url(person)
    await this.#setPolicy(({ hosts }) => {
      const others = hosts.filter((key) => encodeBase64Url(key) !== text)
      return { hosts: isHost ? [...others, person] : others }
    })
  }

  /**
   * Ends the invitation for good: the link lets nobody in from now on. Those who are in stay. For the owner.
   *
   * @throws as {@link setRule}
   */
  endInvitation(): Promise<void> {
    return this.#setPolicy(() => ({ endInvitation: true }))
  }

  /**
   * Gives everyone in the room a new link, and ends this one's invitation: others with the old link come in nowhere. Resolves
   * to the path of the new link below the address of the app, when everyone was told. They get it as the event `moved`:
   * you and they join the new room, and leave this one. For the owner.
   *
   * @param owner fresh keys of `generateOwnerKeys`, for the new room; you keep them
   * @throws as {@link setRule}
   */
  async newLink(owner: OwnerKeys): Promise<string> {
    checkArgument('owner', owner, OWNER)
    const { links, owner: own, roster, send } = this.#options
    if (own === undefined || links === undefined) throw notPermitted()
    const { path, body } = await links.create(owner, { by: own.keys })
    await this.endInvitation()
    await this.#serially(async () => {
      await Promise.all(roster().map((participant) => send(participant, body).catch(() => {})))
    })
    return path
  }

  /**
   * Lets a session in that asks. For the owner and hosts, while the rule is `ask`.
   *
   * @throws as {@link setRule}
   */
  async admit(participant: ParticipantId): Promise<void> {
    checkArgument('participant', participant, PARTICIPANT_ID)
    if (!this.#options.admission.mayAdmit) throw notPermitted()
    await this.#act('admit', participant)
  }

  /**
   * Refuses a session that asks, for good. For the owner and hosts.
   *
   * @throws as {@link setRule}
   */
  refuse(participant: ParticipantId): Promise<void> {
    return this.remove(participant)
  }

  /**
   * Puts a session out for good: from now on nothing that is said in the room is open to it. With the link its person can
   * come again in another session, unless the rule is `ask` or `locked`. For the owner and hosts.
   *
   * @throws as {@link setRule}
   */
  async remove(participant: ParticipantId): Promise<void> {
    checkArgument('participant', participant, PARTICIPANT_ID)
    const person = this.#personOf(participant)
    if (person !== undefined) this.#letIn.delete(person)
    await this.#act('remove', participant)
  }

  async #act(act: HostAct, session: ParticipantId): Promise<void> {
    await this.#serially(async () => {
      const statement = await this.#sign(act, session)
      if (act === 'admit') this.#remember(session)
      await this.#publish([statement])
      if (act === 'remove') this.#options.removed(session)
    })
  }

  async #setPolicy(
    changeOf: (now: { readonly hosts: readonly Uint8Array[] }) => PolicyChange,
  ): Promise<void> {
    const { admission, owner, room, clock } = this.#options
    const { authority } = admission
    if (owner === undefined || authority === undefined) throw notPermitted()
    await this.#serially(async () => {
      await admission.newest.known()
      const next = authority.nextPolicy(changeOf(authority))
      if (next === undefined) throw new ClientError('ERR_CLIENT_ROOM_SPENT', undefined)
      const policy = { ...next, number: Math.max(next.number, Math.floor(clock.now())) }
      const statement = await signPolicy(policy, { owner: owner.keys, room })
      const isOpen = policy.rule === 'open' && !policy.invitationEnded
      await this.#publish([...(isOpen ? [] : await this.#admitPresent()), statement])
    })
  }

  /** Acts of the owner that admit everyone who is here, so that those who come later know them. spec R72 */
  async #admitPresent(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    const { roster, session } = this.#options
    const acts: Uint8Array<ArrayBuffer>[] = []
    for (const participant of [session.id, ...roster()]) {
      this.#remember(participant)
      acts.push(await this.#sign('admit', participant))
    }
    return acts
  }

  #remember(session: ParticipantId): void {
    const person = this.#personOf(session)
    if (person !== undefined) this.#letIn.set(person, true)
  }

  #personOf(session: ParticipantId): PersonId | undefined {
    const { admission, introductionOf } = this.#options
    const asking = admission.asking.all.find(({ id }) => id === session)
    return asking?.person ?? introductionOf(session)?.person
  }

  async #sign(act: HostAct, session: ParticipantId): Promise<Uint8Array<ArrayBuffer>> {
    const { admission, owner, room, session: signer } = this.#options
    const certificate = owner?.certificate ?? this.#options.certificate
    const { authority } = admission
    if (authority === undefined || certificate === undefined || this.role === undefined) {
      throw notPermitted()
    }
    const { number } = authority
    return signHostStatement({ act, session, number }, { room, signer, certificate })
  }

  /** Those who are concerned learn it before they are put out. */
  async #publish(statements: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    await this.#options.exchange?.publish(statements)
    this.#options.admission.stated()
  }

  /** Each statement is made of the state that the one before left. */
  #serially(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(step)
    this.#work = done.catch(() => {})
    return done
  }
}

const notPermitted = (): ClientError => new ClientError('ERR_CLIENT_NOT_PERMITTED', undefined)

const RULE = oneOf('open', 'ask', 'locked')
const HISTORY = oneOf('none', 'call')
const MAX_LET_IN = 1024
