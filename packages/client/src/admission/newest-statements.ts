/**
 * Whether a session knows what its room's owner and hosts have said so far. A policy is the whole state that the owner sets: one
 * that is made before would undo what another device of the owner said. spec R156
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'

/** Waits for the statements of those who are here already, for a while. */
export class NewestStatements {
  readonly #clock: Clock
  /** Those who were here before, as long as their statements may be others. */
  #awaited: Set<ParticipantId> | undefined
  readonly #known: Promise<void>
  #settle: () => void = () => {}
  #timer: unknown
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#known = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** The transport stands, and names the others: the first one in a room knows everything. */
  up(others: Iterable<ParticipantId>): void {
    if (this.#awaited !== undefined) return
    this.#awaited = new Set(others)
    this.#timer = this.#clock.setTimeout(() => this.#settle(), PATIENCE_MS)
    this.#look()
  }

  /** A member knows the same statements as this session, or is gone. */
  agreed(participant: ParticipantId): void {
    this.#awaited?.delete(participant)
    this.#look()
  }

  /**
   * Resolves when the statements are known, or nobody told them in time.
   *
   * @throws ClientError `ERR_CLIENT_CLOSED` when the session ends before
   */
  async known(): Promise<void> {
    await this.#known
    if (this.#closed) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
  }

  /** Waits for nothing more. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
    this.#settle()
  }

  #look(): void {
    if (this.#awaited?.size !== 0) return
    this.#clock.clearTimeout(this.#timer)
    this.#settle()
  }
}

/** Members answer within 2 s or not at all (R71); what they know comes a moment later. */
const PATIENCE_MS = 3000
