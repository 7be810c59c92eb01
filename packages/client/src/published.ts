/**
 * What this session publishes: one track for each source, on or off.
 *
 * @module
 */
import type { ParticipantInfo, TrackSource } from './channel/bodies.ts'

/** Which source of a stream a track is for. */
export type StreamSource = 'camera' | 'screen'

/** A source and what it is sent as. */
export interface Slot {
  readonly source: TrackSource
  readonly kind: 'audio' | 'video'
}

/** The slot of each track of a stream: the first of its kind counts, as a source has one track. */
export function slotsOf(
  stream: MediaStream,
  source: StreamSource,
): readonly (Slot & { readonly track: MediaStreamTrack })[] {
  const [audio] = stream.getAudioTracks()
  const [video] = stream.getVideoTracks()
  const audioSource = source === 'camera' ? 'microphone' : 'screen-audio'
  return [
    ...(audio ? [{ source: audioSource, kind: 'audio', track: audio } as const] : []),
    ...(video ? [{ source, kind: 'video', track: video } as const] : []),
  ]
}

/** The kind of a source. */
export function kindOf(source: TrackSource): 'audio' | 'video' {
  return source === 'camera' || source === 'screen' ? 'video' : 'audio'
}

/** Tracks by source, and whether each is on. */
export class Published {
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

  /** What others are told. */
  info(): ParticipantInfo['published'] {
    return Object.fromEntries([...this.#bySource].map(([source, { enabled }]) => [source, enabled]))
  }
}
