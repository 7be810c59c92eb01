import { type Shape, hasShape } from '@conclave/base'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { MAX_NAME_LENGTH } from '../messages/bodies.ts'
import type { PersonId } from './person-id.ts'
import type { PersonStorage } from './person-storage.ts'

/**
 * Whether this person has confirmed who a participant is: `other-key` warns that it bears the name of somebody who was
 * confirmed, and is another person or none. spec R94, R95
 */
export type Confirmation = 'none' | 'confirmed' | 'other-key'

/** A participant as far as it can be confirmed. */
export interface Confirmable {
  readonly id: ParticipantId
  readonly person: PersonId | undefined
  readonly name: string
}

/** The confirmed persons of one room. */
export class ConfirmedPersons {
  readonly #room: RoomId
  readonly #storage: PersonStorage | undefined
  /** Names by person or, where no person certifies it, by session. */
  readonly #nameById: Map<PersonId | ParticipantId, string>

  /** @param options.stored those that the storage had when the session began */
  constructor(options: {
    readonly room: RoomId
    readonly storage: PersonStorage | undefined
    readonly stored: readonly ConfirmedPerson[]
  }) {
    this.#room = options.room
    this.#storage = options.storage
    this.#nameById = new Map(options.stored.map(({ person, name }) => [person, name]))
  }

  /** Whether a participant is confirmed. */
  of({ id, person, name }: Confirmable): Confirmation {
    if (this.#nameById.has(person ?? id)) return 'confirmed'
    const likeness = likenessOf(name)
    const isTaken = [...this.#nameById.values()].some((known) => likenessOf(known) === likeness)
    return isTaken && likeness !== '' ? 'other-key' : 'none'
  }

  /**
   * Confirms a participant, or takes it back, at once for this session. Resolves to whether it is stored: not without a
   * storage, and not for a session that no person certifies. spec R94
   *
   * @throws the error of the storage
   */
  async set({ id, person, name }: Confirmable, isConfirmed: boolean): Promise<boolean> {
    const key = person ?? id
    this.#nameById.delete(key)
    if (isConfirmed) this.#nameById.set(key, name)
    for (const oldest of this.#nameById.keys()) {
      if (this.#nameById.size > MAX_CONFIRMED) this.#nameById.delete(oldest)
    }
    if (person === undefined || this.#storage === undefined) return false
    await this.#storage.changeConfirmed(this.#room, (stored) => {
      const others = requireConfirmed(stored).filter((other) => other.person !== person)
      return [...others, ...(isConfirmed ? [{ person, name }] : [])].slice(-MAX_CONFIRMED)
    })
    return true
  }
}

/** A confirmed person, with the name that it had then. */
export interface ConfirmedPerson {
  readonly person: PersonId
  readonly name: string
}

/** The confirmed persons of a storage. @throws Error for anything else, which must not be written over */
export function requireConfirmed(stored: unknown): readonly ConfirmedPerson[] {
  const persons = stored ?? []
  const isList = Array.isArray(persons) && persons.length <= MAX_CONFIRMED
  if (isList && persons.every((person: unknown) => hasShape(person, PERSON))) return persons
  throw new Error('the storage holds something else')
}

const isText = (value: unknown, most: number): boolean =>
  typeof value === 'string' && value.length <= most
const PERSON: Shape<ConfirmedPerson> = {
  person: (value) => isText(value, 22),
  name: (value) => isText(value, MAX_NAME_LENGTH),
}

/** Names that people read as the same. */
const likenessOf = (name: string): string =>
  name.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim()

/** The most confirmed persons of one room. */
const MAX_CONFIRMED = 256
