/**
 * The tracks that this session publishes: one for each source, on or off.
 *
 * @module
 */
import type { ParticipantInfo } from '../messages/bodies.ts'
import { type StreamSource, type TrackSource, sourceOf } from '../track-source.ts'

/** A track and the source that it is published as. */
export interface SourcedTrack {
  readonly source: TrackSource
  readonly track: MediaStreamTrack
}

/** The first audio and the first video track of a stream with their sources: a source has one track. */
export function sourcedTracks(stream: MediaStream, from: StreamSource): readonly SourcedTrack[] {
  const [audio] = stream.getAudioTracks()
  const [video] = stream.getVideoTracks()
  return [
    ...(audio ? [{ source: sourceOf(from, 'audio'), track: audio }] : []),
    ...(video ? [{ source: sourceOf(from, 'video'), track: video }] : []),
  ]
}

/** Tracks by source, and whether each is on. */
export class PublishedTracks {
  readonly #bySource = new Map<TrackSource, { track: MediaStreamTrack; enabled: boolean }>()

  /** Publishes a track, or puts it in the place of the one before; it is on. */
  set(source: TrackSource, track: MediaStreamTrack): void {
    this.#bySource.set(source, { track, enabled: true })
  }

  /** Turns a source on or off; `undefined` when it is not published, else the track to send now. */
  enable(source: TrackSource, enabled: boolean): { track: MediaStreamTrack | null } | undefined {
    const entry = this.#bySource.get(source)
    if (entry === undefined) return undefined
    entry.enabled = enabled
    return { track: enabled ? entry.track : null }
  }

  /** Ends a source; `false` when it was not published. */
  delete(source: TrackSource): boolean {
    return this.#bySource.delete(source)
  }

  /** The tracks as a participant shows them. */
  entries(): IterableIterator<[TrackSource, { track: MediaStreamTrack; enabled: boolean }]> {
    return this.#bySource.entries()
  }

  /** The sources as announced to others. */
  info(): ParticipantInfo['published'] {
    return Object.fromEntries([...this.#bySource].map(([source, { enabled }]) => [source, enabled]))
  }
}
