/**
 * What the worker knows of the participants whose frames it opens.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { KeyRequests } from './key-requests.ts'
import { ReceiverKeys } from './receiver-keys.ts'

/** A participant's keys, and what was asked for them. */
export interface ReceivedParticipant {
  readonly keys: ReceiverKeys
  readonly requests: KeyRequests
}

/** The bounded table of participants; entries outlive connections, for the sake of replay windows. */
export class Participants {
  readonly #participantById = new Map<ParticipantId, ReceivedParticipant>()

  /** The entry of a participant, made if need be. With too many, the one made first goes. */
  get(id: ParticipantId): ReceivedParticipant {
    const known = this.#participantById.get(id)
    if (known) return known
    const fresh = { keys: new ReceiverKeys(), requests: new KeyRequests() }
    for (const oldest of this.#participantById.keys()) {
      if (this.#participantById.size < MAX_PARTICIPANTS) break
      this.#participantById.delete(oldest)
    }
    this.#participantById.set(id, fresh)
    return fresh
  }

  /** All entries, or that of one participant if there is one. */
  select(id?: ParticipantId): Iterable<ReceivedParticipant> {
    if (id === undefined) return this.#participantById.values()
    const known = this.#participantById.get(id)
    return known ? [known] : []
  }
}

/** Participants of one room over a session; ids are fresh for each page load of somebody. */
const MAX_PARTICIPANTS = 1024
