/**
 * The persons behind the sessions of a room: this session's own, the code by which people compare whom they see, and
 * those whom this person confirmed.
 *
 * @module
 */
import { type Clock, Emitter } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { SessionKeys } from '@conclave/e2ee/session'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { BOOLEAN, checkArgument, wrongArgument } from '../arguments.ts'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { Introductions } from '../messages/introductions.ts'
import type { RoomMessages } from '../messages/room-messages.ts'
import { type RoomProblem, problemFrom, problemOf } from '../problem.ts'
import { type Confirmable, type Confirmation, ConfirmedPersons } from './confirmed-persons.ts'
import type { CertifyingPerson, OwnPerson } from './own-person.ts'
import { NO_CODE, type RoomCode, RoomCodeRounds } from './room-code-rounds.ts'

/** Events of {@link RoomPersons}. */
export interface RoomPersonsEvents {
  readonly codeChanged: { readonly code: RoomCode }
  readonly confirmationsChanged: Record<never, never>
  readonly problem: RoomProblem
}

/** The needs of {@link RoomPersons}. */
export interface RoomPersonsOptions {
  readonly room: RoomId
  readonly session: SessionKeys
  readonly root: KeySource
  readonly messages: RoomMessages
  /** Left out: participants have their own keys, and no person certifies them. spec R45 */
  readonly introductions: Introductions | undefined
  /** The storage of persons, as it was when the session began. spec R85 */
  readonly own: OwnPerson | 'failed' | undefined
  readonly certifying: CertifyingPerson | undefined
  readonly clock: Clock
}

/** The persons of one room. */
export class RoomPersons {
  /** The person of this session, if one certifies it. */
  readonly certifying: CertifyingPerson | undefined
  /** The storage failed when the session began. spec R85 */
  readonly hasFailed: boolean
  readonly #emitter = new Emitter<RoomPersonsEvents>()
  readonly #confirmed: ConfirmedPersons
  readonly #rounds: RoomCodeRounds | undefined
  readonly #stop: () => void

  constructor({ own: given, introductions, ...options }: RoomPersonsOptions) {
    const { room, session, root, messages, clock, certifying } = options
    const own = given === 'failed' ? undefined : given
    this.certifying = certifying
    this.hasFailed = given === 'failed'
    const { storage, confirmed: stored = [] } = own ?? {}
    this.#confirmed = new ConfirmedPersons({ room, storage, stored })
    this.#stop = root.on('epochChanged', () => this.#rounds?.restart())
    if (introductions === undefined) return
    const { id, signingKey } = session
    const rounds = new RoomCodeRounds({
      self: { id, signingKey, personKey: certifying?.certificate.personKey },
      ...{ room, root, clock },
      broadcast: (kind, body) => messages.broadcast(kind, body, { isAskedFor: true }).sent,
      ask: (participants) => messages.ask(participants),
      changed: (code) => this.#emitter.emit('codeChanged', { code }),
      failed: (error) => this.#report(problemFrom(error, 'ERR_CLIENT_MESSAGE_FAILED')),
    })
    this.#rounds = rounds
    messages.on('joined', ({ participant }) => {
      const introduction = introductions.of(participant)
      if (introduction !== undefined) rounds.join({ id: participant, ...introduction })
    })
    messages.on('left', ({ participant }) => rounds.leave(participant))
  }

  /** The room code at this moment. */
  get code(): RoomCode {
    return this.#rounds?.code ?? NO_CODE
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof RoomPersonsEvents>(
    type: T,
    handler: (event: RoomPersonsEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** A message in its turn; `undefined` when it is of another kind, `false` when its body is malformed. */
  receive(message: {
    readonly from: ParticipantId
    readonly kind: number
    readonly audience: 'room' | 'direct'
    readonly body: Uint8Array
  }): boolean | undefined {
    const { from, kind, audience, body } = message
    if (kind !== MESSAGE_KINDS.commitment && kind !== MESSAGE_KINDS.nonce) return undefined
    // Everybody is to get the same, and to have it signed.
    return audience === 'room' && this.#rounds?.receive(from, kind, body) === true
  }

  /** Whether this person has confirmed a participant. */
  confirmationOf(participant: Confirmable): Confirmation {
    return this.#confirmed.of(participant)
  }

  /**
   * Confirms a participant or takes it back; resolves to whether that is stored. spec R94
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anybody who is not there
   */
  async confirm(
    id: ParticipantId,
    given: {
      readonly participants: ReadonlyMap<ParticipantId, Confirmable>
      readonly confirmed: boolean
    },
  ): Promise<boolean> {
    const { participants, confirmed } = given
    const participant = participants.get(id)
    if (participant === undefined) throw wrongArgument('participant', id, 'one who is there')
    checkArgument('confirmed', confirmed, BOOLEAN)
    const storing = this.#confirmed.set(participant, confirmed)
    this.#emitter.emit('confirmationsChanged', {})
    return storing.catch(() => {
      this.#report(problemOf('ERR_CLIENT_PERSON'))
      return false
    })
  }

  /** Ends timers and events. */
  close(): void {
    this.#stop()
    this.#rounds?.close()
    this.#emitter.clear()
  }

  #report(problem: RoomProblem): void {
    this.#emitter.emit('problem', problem)
  }
}
