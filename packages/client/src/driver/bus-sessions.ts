/**
 * The other sessions on a bus, as far as they prove that they are there. spec S69 to S71
 *
 * @module
 */
import { type Clock, ReplayWindow } from '@conclave/base'
import type { LeaveReason, ParticipantId } from '@conclave/wire'
import { BOUNDS } from '../bounds.ts'

/** The needs of {@link BusSessions}. */
export interface BusSessionsOptions {
  readonly clock: Clock
  readonly joined: (participant: ParticipantId) => void
  readonly left: (participant: ParticipantId, reason: LeaveReason) => void
}

/** Another session. */
export interface BusSession {
  readonly id: ParticipantId
  /** `left` is final: no session has its id again. */
  state: 'here' | 'lost' | 'left'
  /** Its messages that came. */
  readonly messages: ReplayWindow
  /** The newest sign of life. */
  newestSign: number
  heardAtMs: number
}

/** Sessions by id, bounded. */
export class BusSessions {
  readonly #options: BusSessionsOptions
  readonly #byId = new Map<ParticipantId, BusSession>()

  constructor(options: BusSessionsOptions) {
    this.#options = options
  }

  /** A session that was here at some time. */
  get(id: ParticipantId): BusSession | undefined {
    return this.#byId.get(id)
  }

  /** The ids of those that are here. */
  get here(): readonly ParticipantId[] {
    return [...this.#byId.values()].filter(({ state }) => state === 'here').map(({ id }) => id)
  }

  /**
   * A session that proved to be there: it wrote to this session, whose id is fresh. `undefined` when there is no place for
   * it, or it has left. spec S69
   */
  meet(id: ParticipantId): BusSession | undefined {
    const known = this.#byId.get(id)
    if (known !== undefined) return known.state === 'left' ? undefined : known
    if (!this.#makeSpace()) return undefined
    const session: BusSession = {
      ...{ id, state: 'lost', newestSign: -1, heardAtMs: 0 },
      messages: new ReplayWindow(BOUNDS.replayWindow),
    }
    this.#byId.set(id, session)
    return session
  }

  /** A sign of life that came for the first time. */
  heard(session: BusSession): void {
    session.heardAtMs = this.#options.clock.now()
    if (session.state !== 'lost') return
    session.state = 'here'
    this.#options.joined(session.id)
  }

  /** A session says that it ends. */
  leave(id: ParticipantId): void {
    const session = this.#byId.get(id)
    if (session === undefined || session.state === 'left') return
    const wasHere = session.state === 'here'
    session.state = 'left'
    // The newest farewell is remembered longest.
    this.#byId.delete(id)
    this.#byId.set(id, session)
    if (wasHere) this.#options.left(id, 'left')
  }

  /** Loses those that gave no sign of life for too long. spec S71 */
  sweep(): void {
    const before = this.#options.clock.now() - LOST_AFTER_MS
    for (const session of this.#byId.values()) {
      if (session.state !== 'here' || session.heardAtMs > before) continue
      session.state = 'lost'
      this.#options.left(session.id, 'lost')
    }
  }

  /** Nobody could be heard meanwhile: silence counts from now. */
  forgive(): void {
    const nowMs = this.#options.clock.now()
    for (const session of this.#byId.values()) session.heardAtMs = nowMs
  }

  #makeSpace(): boolean {
    if (this.#byId.size < MAX_BUS_SESSIONS) return true
    const gone = [...this.#byId.values()].find(({ state }) => state !== 'here')
    return gone !== undefined && this.#byId.delete(gone.id)
  }
}

/** Sessions that are here, were lost or have left, at most. spec S69 */
export const MAX_BUS_SESSIONS = 256
/** Silence after which a session is lost. spec S71 */
export const LOST_AFTER_MS = 12_000
