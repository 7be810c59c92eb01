/**
 * The sources of tracks: where a participant's audio and video come from.
 *
 * @module
 */

import { type Kind, oneOf } from './arguments.ts'

/** Where a track comes from. */
export type TrackSource = 'microphone' | 'camera' | 'screen' | 'screen-audio'

/** Where a stream comes from: `camera` with the microphone, `screen` with its audio. */
export type StreamSource = 'camera' | 'screen'

/** The medium of each source's tracks. */
export const MEDIUM_BY_SOURCE: Readonly<Record<TrackSource, 'audio' | 'video'>> = Object.freeze({
  microphone: 'audio',
  camera: 'video',
  screen: 'video',
  'screen-audio': 'audio',
})

/** The medium of a source's tracks. */
export function mediumOf(source: TrackSource): 'audio' | 'video' {
  return MEDIUM_BY_SOURCE[source]
}

/** The source of a track in a stream. */
export function sourceOf(stream: StreamSource, medium: 'audio' | 'video'): TrackSource {
  if (medium === 'video') return stream
  return stream === 'camera' ? 'microphone' : 'screen-audio'
}

/** Whether a text names a source. */
export function isTrackSource(text: string): text is TrackSource {
  return TRACK_SOURCE[1](text)
}

/** A source of tracks, as an argument. */
export const TRACK_SOURCE: Kind = oneOf(...Object.keys(MEDIUM_BY_SOURCE))
/** A source of streams, as an argument. */
export const STREAM_SOURCE: Kind = oneOf('camera', 'screen')
