/**
 * The people of a call in the order of their coming, and the content of their tiles.
 *
 * @module
 */
import type { Participant, TrackE2EE } from '@conclave/client'
import type { CallSnapshot } from './client-port.ts'
import type { NameBook } from './names.ts'

/** A participant as the screen shows it: `name` is unmistakable, and the past of the connection is known. */
export interface Person extends Participant {
  /** Whether media of this person's device ever reached this one. */
  readonly wasConnected: boolean
}

/** The people of one call; remembers their names and whether they were ever reached. */
export class Roster {
  readonly #names: NameBook
  readonly #reached = new Set<string>()

  constructor(names: NameBook) {
    this.#names = names
  }

  /** Oneself first, then the others in the order of their coming. */
  peopleOf(room: CallSnapshot): readonly Person[] {
    this.#names.follow(new Set([room.self.id, ...room.participants.keys()]))
    for (const id of this.#reached) if (!room.participants.has(id)) this.#reached.delete(id)
    return [room.self, ...room.participants.values()].map((person) => {
      if (person.connection === 'connected') this.#reached.add(person.id)
      return {
        ...person,
        name: this.#names.nameOf(person.id, person.name),
        wasConnected: this.#reached.has(person.id),
      }
    })
  }
}

/**
 * The state of the frames of a person's video: the camera's state, without a camera the
 * microphone's, and `waiting-key` while nothing of theirs has been opened yet.
 */
export function securityOf(person: Participant): TrackE2EE {
  const { tracks } = person
  return tracks.get('camera')?.e2ee ?? tracks.get('microphone')?.e2ee ?? 'waiting-key'
}

/** The content of a tile. */
export type CameraView =
  | 'picture'
  | 'off'
  | 'waiting-key'
  | 'failed'
  | 'connecting'
  /** There was a connection, and it comes back by itself. */
  | 'interrupted'
  /** No connection came about: something between the two devices prevents it. */
  | 'unreachable'

/** Chooses what a tile shows: a picture only when it is on and what arrives is authentic. */
export function cameraViewOf(person: Person): CameraView {
  const camera = person.tracks.get('camera')
  const microphone = person.tracks.get('microphone')
  if (person.isSelf) return camera?.enabled === true ? 'picture' : 'off'
  if (person.connection === 'interrupted' && !person.wasConnected) return 'unreachable'
  if (person.connection !== 'connected') return person.connection
  if (camera?.enabled === true) return camera.e2ee === 'ok' ? 'picture' : camera.e2ee
  return microphone?.e2ee === 'failed' ? 'failed' : 'off'
}

/** Whether a person can be heard, as far as its own word goes. */
export function isMuted(person: Participant): boolean {
  return person.tracks.get('microphone')?.enabled !== true
}

/** Whether a person shares a screen that this page shows; one's own is not shown to oneself. */
export function sharesScreen(person: Participant): boolean {
  return !person.isSelf && person.tracks.get('screen')?.enabled === true
}
