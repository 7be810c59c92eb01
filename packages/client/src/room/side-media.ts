/**
 * The session of a room, for media beside its published tracks. spec R168
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { SideMedia } from '../call/media-transport.ts'
import { type RoomProblem, problemFrom } from '../problem.ts'
import type { RoomParts } from './join-room.ts'
import type { TrackSending } from './track-sending.ts'

/** Makes the view of one sender of such media. */
export function createSideMedia(
  { room, self, streamKeys: keys, signals: driver, clock, messages }: RoomParts<KeySource>,
  options: { readonly tracks: TrackSending; readonly report: (problem: RoomProblem) => void },
): SideMedia {
  const side: SideMedia = {
    ...{ room, self, keys, driver, clock },
    sends: (isOn) => options.tracks.sendBeside(side, isOn),
    sealed: (count) => messages.ownKeys?.framesSealed(count),
    report: (error) => options.report(problemFrom(error, 'ERR_CLIENT_MEDIA')),
  }
  return side
}
