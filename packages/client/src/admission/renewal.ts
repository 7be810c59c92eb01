/**
 * The time for a new link: before so many sessions are remembered as removed or gone that nobody else can be let in, the
 * owner's session moves the room. spec R107
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { Admission } from './admission.ts'

/** The needs of {@link Renewal}. */
export interface RenewalOptions {
  readonly self: ParticipantId
  readonly admission: Admission
  readonly clock: Clock
  /** The owner's key, on a device of the owner. */
  readonly ownerKey: Uint8Array | undefined
  /** It is time for a new link. */
  due(): void
}

/** Says once a minute that a new link is due, as long as it is, on one device of the owner after the other. */
export class Renewal {
  readonly #options: RenewalOptions
  #timer: unknown

  constructor(options: RenewalOptions) {
    this.#options = options
    if (options.ownerKey !== undefined) options.admission.on('changed', () => this.#check())
  }

  /** Says nothing from now on. */
  close(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #check(): void {
    if (this.#timer === undefined && this.#isDue) this.#arm(SETTLING_MS + this.#rank * TURN_MS)
  }

  #arm(delayMs: number): void {
    const { clock } = this.#options
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined
      if (!this.#isDue) return
      this.#arm(AGAIN_MS)
      this.#options.due()
    }, delayMs)
  }

  /** A new link ends the invitation; without anybody here nobody would learn of it. */
  get #isDue(): boolean {
    const { authority, everMet, members } = this.#options.admission
    if (authority === undefined || authority.isInvitationEnded || members.length === 0) return false
    return authority.removedCount >= REMOVED_BEFORE_RENEWAL || everMet.size >= MET_BEFORE_RENEWAL
  }

  /** The sessions of the owner that come before this one. */
  get #rank(): number {
    const { self, admission, ownerKey } = this.#options
    const own = ownerKey === undefined ? [] : admission.sessionsOf(ownerKey)
    return own.filter((id) => id < self).length
  }
}

/** Seven eighths of what is remembered. spec R58 */
export const MET_BEFORE_RENEWAL = 3584
/** Seven eighths of what a policy holds. spec U4 */
export const REMOVED_BEFORE_RENEWAL = 896
/** The owner meets those who are there before it moves them. */
const SETTLING_MS = 5000
/** One device of the owner has so much time before the next one moves the room. */
const TURN_MS = 30_000
const AGAIN_MS = 60_000
