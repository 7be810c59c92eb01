/**
 * The sessions that this one met. Whoever left is remembered, so that nothing old brings it back; nobody is forgotten to
 * make space. spec R58, R107
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'

/** Every session that this one made keys with, for as long as it lasts; bounded. */
export class MetSessions {
  readonly #ids = new Set<ParticipantId>()

  /** How many sessions were met. */
  get size(): number {
    return this.#ids.size
  }

  /** Whether there is no space to remember another one. */
  get isFull(): boolean {
    return this.#ids.size >= MAX_MET
  }

  /** Whether a session may be met: it was before, or there is space to remember it. */
  mayMeet(id: ParticipantId): boolean {
    return this.#ids.has(id) || !this.isFull
  }

  /** Remembers a session that is met. You must ask {@link mayMeet} before. */
  add(id: ParticipantId): void {
    this.#ids.add(id)
  }
}

/** With this session as many as a key source remembers. spec R58, K33 */
export const MAX_MET = 4095
