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
  /** Another session of this person: another tab of this browser, or another device of the host. */
  readonly isOtherTab: boolean
  /** Has lasted longer than people wait. */
  readonly overdue: ReadonlySet<Wait>
}

/** Something of a person that is on its way: its return, a connection to the device, or media that is on. */
export type Wait = 'return' | 'connection' | 'picture' | 'sound' | 'screen'

/** How long people wait for each before it is called off, in milliseconds. */
export const PATIENCE_MS: Readonly<Record<Wait, number>> = {
  // A server that starts again has lost everybody, and is back with everybody in less.
  return: 3000,
  // A first connection with several attempts takes less.
  connection: 20_000,
  picture: 20_000,
  sound: 20_000,
  screen: 20_000,
}

/** The people of one call; remembers their names and whether they were ever reached. */
export class Roster {
  readonly #names: NameBook
  readonly #reached = new Set<string>()
  readonly #seen = new Map<string, Person>()

  constructor(names: NameBook) {
    this.#names = names
  }

  /** The others in the order of their coming, oneself last. */
  peopleOf(room: CallSnapshot): readonly Person[] {
    this.#names.follow(new Set([room.self.id, ...room.participants.keys()]))
    for (const id of this.#reached) if (!room.participants.has(id)) this.#reached.delete(id)
    for (const id of this.#seen.keys()) if (!room.participants.has(id)) this.#seen.delete(id)
    // Oneself is named first: nobody who was there before takes this person's own name.
    const self = this.#see(room.self)
    const { person: own } = room.self
    const others = [...room.participants.values()].map((person) => {
      const isOtherTab = own !== undefined && person.person === own
      return { ...this.#see(person), isOtherTab }
    })
    return [...others, self]
  }

  #see(person: Participant): Person {
    const before = this.#seen.get(person.id)
    // For the moment until it is gone, its tile stays as it was.
    if (person.presence === 'leaving' && before !== undefined) return before
    if (person.connection === 'connected') this.#reached.add(person.id)
    const seen = {
      ...person,
      name: this.#names.nameOf(person.id, person.name),
      wasConnected: this.#reached.has(person.id),
      isOtherTab: false,
      overdue: NO_WAITS,
    }
    this.#seen.set(person.id, seen)
    return seen
  }
}

/** The people who say that they record the call, this person too. */
export function recordersOf(people: readonly Person[]): readonly Person[] {
  return people.filter(({ recordingSince }) => recordingSince !== undefined)
}

/** The things of a person that are on their way now. */
export function waitsOf(person: Participant): readonly Wait[] {
  if (person.isSelf || person.presence === 'leaving') return []
  // Nothing else comes before it is back.
  if (person.presence === 'away' && person.connection !== 'connected') return ['return']
  if (person.connection !== 'connected') return ['connection']
  return WAITED_SOURCES.filter(([, source]) => {
    const security = person.tracks.get(source)?.e2ee
    return person.published[source] === true && security !== 'ok' && security !== 'failed'
  }).map(([wait]) => wait)
}

/** The name of a wait among those of all people. */
export function waitId(person: Participant, wait: Wait): string {
  return `${person.id} ${wait}`
}

const WAITED_SOURCES = [
  ['picture', 'camera'],
  ['sound', 'microphone'],
  ['screen', 'screen'],
] as const

const NO_WAITS: ReadonlySet<Wait> = new Set()

/**
 * The state of the frames of a person's video: the camera's state, without a camera the
 * microphone's, and `pending` while nothing of theirs has been opened yet.
 */
export function securityOf(person: Participant): TrackE2EE {
  const { tracks } = person
  return tracks.get('camera')?.e2ee ?? tracks.get('microphone')?.e2ee ?? 'pending'
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
  /** The device is not there at the moment; the person may come back. */
  | 'away'
  /** No connection came about: something between the two devices prevents it. */
  | 'unreachable'
  /** The camera is on, and its picture has stopped. */
  | 'stalled'
  /** The camera was taken away from that device. */
  | 'camera-gone'
  /** The camera is on, and no picture came: no format that both browsers know, for example. */
  | 'no-picture'
  /** The camera is off, the microphone is on, and no sound came. */
  | 'no-sound'
  /** The camera is off, and the sound has stopped. */
  | 'sound-stalled'

/** Chooses what a tile shows: a picture only when it is on and what arrives is authentic. */
export function cameraViewOf(person: Person): CameraView {
  const camera = person.tracks.get('camera')
  const microphone = person.tracks.get('microphone')
  if (person.isSelf) return camera?.enabled === true ? 'picture' : 'off'
  if (isAway(person)) return 'away'
  const isVain = person.connection === 'interrupted' && !person.wasConnected
  if (isVain || person.overdue.has('connection')) return 'unreachable'
  if (person.connection !== 'connected') return person.connection
  if (person.published.camera === true) {
    if (camera?.e2ee === 'ok') return camera.liveness === 'stalled' ? 'stalled' : 'picture'
    return person.overdue.has('picture') ? 'no-picture' : VIEW_BY_STATE[camera?.e2ee ?? 'pending']
  }
  if (person.overdue.has('sound')) return 'no-sound'
  if (microphone?.e2ee === 'failed') return 'failed'
  if (microphone?.liveness === 'stalled' && microphone.e2ee === 'ok') return 'sound-stalled'
  return camera?.liveness === 'ended' ? 'camera-gone' : 'off'
}

const VIEW_BY_STATE = {
  ok: 'picture',
  pending: 'connecting',
  'waiting-key': 'waiting-key',
  failed: 'failed',
} as const

/** Whether a person's device is not there, and was not for a moment. */
export function isAway(person: Person): boolean {
  return person.overdue.has('return')
}

/** Whether a person can be heard, as far as its own word goes. */
export function isMuted(person: Participant): boolean {
  return person.published.microphone !== true
}

/** Whether a person shares a screen that this page shows; one's own is not shown to oneself. */
export function sharesScreen(person: Participant): boolean {
  return !person.isSelf && person.tracks.get('screen')?.enabled === true
}
