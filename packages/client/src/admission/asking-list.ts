/**
 * The sessions that ask to be let in, for whoever decides.
 *
 * @module
 */
import { BoundedMap } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { PersonId } from '../persons/person-id.ts'

/** A session that asks to be let in. */
export interface Asking {
  readonly id: ParticipantId
  /** The name that it gives itself; anybody can choose any name. */
  readonly name: string
  /** The person that certifies it, if one does. */
  readonly person: PersonId | undefined
}

/** Holds those who ask, bounded: of more the newest are not listed until there is space, and they ask again. spec R74 */
export class AskingList {
  readonly #changed: () => void
  readonly #askingById = new BoundedMap<ParticipantId, Asking>(MAX_ASKING)
  #all: readonly Asking[] = Object.freeze([])

  /** @param changed called after each change */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Those who ask, the one that asked first comes first. */
  get all(): readonly Asking[] {
    return this.#all
  }

  /** Lists a session; `false` when it is listed already, or there is no space. */
  add(asking: Asking): boolean {
    if (this.#askingById.has(asking.id) || this.#askingById.size >= MAX_ASKING) return false
    this.#askingById.set(asking.id, asking)
    this.#update()
    return true
  }

  /** A session no longer asks. */
  delete(id: ParticipantId): void {
    if (this.#askingById.delete(id)) this.#update()
  }

  #update(): void {
    this.#all = Object.freeze([...this.#askingById].map(([, asking]) => asking))
    this.#changed()
  }
}

/** The most sessions that are listed. spec R74 */
const MAX_ASKING = 64
