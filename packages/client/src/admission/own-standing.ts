/**
 * Whether this session is in its room: what the members answer it, and what it may assume when nobody answers. spec R71
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'

/**
 * This session in its room. `asking`: no member has answered. `waiting`: a member waits for somebody who may let it in.
 * `refused`: nobody lets it in. `admitted`: it is in, also in an empty room.
 */
export type Standing = 'asking' | 'waiting' | 'refused' | 'admitted'

/** Collects the answers of the sessions that are present. */
export class OwnStanding {
  readonly #clock: Clock
  readonly #changed: (standing: Standing) => void
  readonly #answerById = new Map<ParticipantId, 'waiting' | 'refused'>()
  readonly #metIds = new Set<ParticipantId>()
  #inside: 'no' | 'assumed' | 'yes'
  #standing: Standing
  #timer: unknown

  /**
   * @param options.isOpen whether the room has no owner: then everybody is in
   * @param options.changed called after each change
   */
  constructor(options: {
    readonly isOpen: boolean
    readonly clock: Clock
    readonly changed: (standing: Standing) => void
  }) {
    this.#clock = options.clock
    this.#changed = options.changed
    this.#inside = options.isOpen ? 'yes' : 'no'
    this.#standing = options.isOpen ? 'admitted' : 'asking'
  }

  /** This session in its room, for whoever looks. */
  get standing(): Standing {
    return this.#standing
  }

  /** Whether this session may answer others: it is in, as far as it knows. */
  get isInside(): boolean {
    return this.#inside !== 'no'
  }

  /** The transport stands, and names this many others. */
  up(others: number): void {
    if (others === 0 && this.#inside === 'no') this.#enter('yes')
    else this.#wait()
  }

  /** A member said that this session is admitted. */
  admitted(by: ParticipantId): void {
    this.#answerById.delete(by)
    this.#enter('yes')
  }

  /** A session is in the roster. */
  met(peer: ParticipantId): void {
    this.#metIds.add(peer)
    this.admitted(peer)
  }

  /** A session answered that this one is not in. */
  told(by: ParticipantId, answer: 'waiting' | 'refused'): void {
    this.#answerById.set(by, answer)
    if (this.#inside === 'assumed' && this.#metIds.size === 0) this.#inside = 'no'
    this.#update()
  }

  /** A session is gone, and its answer with it. */
  gone(peer: ParticipantId): void {
    this.#metIds.delete(peer)
    this.#answerById.delete(peer)
    this.#wait()
    this.#update()
  }

  /** The statements say that this session does not belong to the room: it asks again. */
  putOut(): void {
    this.#inside = 'no'
    this.#metIds.clear()
    this.#wait()
    this.#update()
  }

  /** Waits for nothing more. */
  close(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #enter(inside: 'assumed' | 'yes'): void {
    this.close()
    this.#inside = inside
    this.#update()
  }

  /** Members that are gone answer nobody: without any answer this session is in, as the first one is. */
  #wait(): void {
    if (this.#inside !== 'no' || this.#answerById.size > 0 || this.#timer !== undefined) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      if (this.#answerById.size === 0) this.#enter('assumed')
    }, UNANSWERED_MS)
  }

  #update(): void {
    const before = this.#standing
    this.#standing = this.#now()
    if (this.#standing !== before) this.#changed(this.#standing)
  }

  #now(): Standing {
    const answers = new Set(this.#answerById.values())
    if (this.#metIds.size > 0 || answers.size === 0) return this.isInside ? 'admitted' : 'asking'
    return answers.has('waiting') ? 'waiting' : 'refused'
  }
}

const UNANSWERED_MS = 2000
