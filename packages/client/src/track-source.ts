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

/** The medium of a source's tracks. */
export function mediumOf(source: TrackSource): 'audio' | 'video' {
  return source === 'camera' || source === 'screen' ? 'video' : 'audio'
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
export const TRACK_SOURCE: Kind = oneOf('microphone', 'camera', 'screen', 'screen-audio')
/** A source of streams, as an argument. */
export const STREAM_SOURCE: Kind = oneOf('camera', 'screen')
