/**
 * The people of a call in the order of their coming, and what may be shown of each.
 *
 * @module
 */
import type { Participant, TrackE2EE } from '@conclave/client'
import type { CallPort } from './client-port.ts'

/** Keeps the order of coming: whoever is known keeps the place, the new ones stand last. */
export function orderPeople(before: readonly string[], room: CallPort): readonly string[] {
  const present = new Set<string>([room.self.id, ...room.participants.keys()])
  const kept = before.filter((id) => present.has(id))
  const added = [...present].filter((id) => !before.includes(id))
  return [...kept, ...added]
}

/** The people of a room in the given order; somebody without a name gets `guestName`. */
export function peopleOf(
  room: CallPort,
  options: { readonly order: readonly string[]; readonly guestName: string },
): readonly Participant[] {
  const { self, participants } = room
  const people: Participant[] = []
  for (const id of options.order) {
    const person = id === self.id ? self : participants.get(id)
    if (person !== undefined) people.push(withName(person, options.guestName))
  }
  return people
}

/**
 * What is known of the frames of a person's picture: the camera's state, without a camera the
 * microphone's, and `waiting-key` while nothing of theirs has been opened yet.
 */
export function securityOf(person: Participant): TrackE2EE {
  const { tracks } = person
  return tracks.get('camera')?.e2ee ?? tracks.get('microphone')?.e2ee ?? 'waiting-key'
}

/** What a tile shows of a camera. */
export type CameraView = 'picture' | 'off' | 'waiting-key' | 'failed' | 'connecting' | 'interrupted'

/** Chooses what a tile shows: a picture only when it is on and what arrives is authentic. */
export function cameraViewOf(person: Participant): CameraView {
  const camera = person.tracks.get('camera')
  const microphone = person.tracks.get('microphone')
  if (person.isSelf) return camera?.enabled === true ? 'picture' : 'off'
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

const withName = (person: Participant, guestName: string): Participant =>
  person.name.trim() === '' ? { ...person, name: guestName } : person
