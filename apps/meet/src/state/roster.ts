/**
 * The people of a call in the order of their coming, and the content of their tiles.
 *
 * @module
 */
import type { Participant, TrackE2EE } from '@conclave/client'
import type { CallSnapshot } from './client-port.ts'

/** The people of a room, oneself first, the others in the order of their coming; no name becomes `guestName`. */
export function peopleOf(room: CallSnapshot, guestName: string): readonly Participant[] {
  return [room.self, ...room.participants.values()].map((person) => withName(person, guestName))
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
