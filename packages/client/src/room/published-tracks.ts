/**
 * The tracks that this session publishes: one for each source, on or off.
 *
 * @module
 */
import { EVENT_TARGET, type Kind, OBJECT, checkArgument, withMethods } from '../arguments.ts'
import type { ParticipantInfo } from '../messages/bodies.ts'
import { STREAM_SOURCE, type StreamSource, type TrackSource, sourceOf } from '../track-source.ts'
import type { Participant, ParticipantTrack, TrackE2EE } from './participant.ts'

/** A track and the source that it is published as. */
export interface SourcedTrack {
  readonly source: TrackSource
  readonly track: MediaStreamTrack
}

/**
 * The first audio and the first video track of a stream with their sources: a source has one track.
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT` for a stream without a track, or with one that ended
 */
export function sourcedTracks(
  stream: MediaStream,
  options: { readonly source?: StreamSource },
): readonly SourcedTrack[] {
  checkArgument('options', options, OBJECT)
  const { source: from = 'camera' } = options
  checkArgument('source', from, STREAM_SOURCE)
  checkArgument('stream', stream, withMethods('getAudioTracks', 'getVideoTracks'))
  const [audio] = stream.getAudioTracks()
  const [video] = stream.getVideoTracks()
  const tracks = [
    ...(audio ? [{ source: sourceOf(from, 'audio'), track: audio }] : []),
    ...(video ? [{ source: sourceOf(from, 'video'), track: video }] : []),
  ]
  checkArgument('stream', tracks, LIVE_TRACKS)
  return tracks
}

/** Tracks by source, whether each is on, and the state of its encryption. */
export class PublishedTracks {
  readonly #ended: (source: TrackSource) => void
  readonly #bySource = new Map<TrackSource, Entry>()
  /** Outlives a track: the next one of its source goes the same way. */
  readonly #e2eeBySource = new Map<TrackSource, TrackE2EE>()

  readonly #stalled = new Set<TrackSource>()

  /** @param ended called when a published track ends by itself; it is off then. spec R36 */
  constructor(ended: (source: TrackSource) => void) {
    this.#ended = ended
  }

  /** Publishes a track, or puts it in the place of the one before; it is on. */
  set(source: TrackSource, track: MediaStreamTrack): void {
    this.delete(source)
    const unlisten = new AbortController()
    const { signal } = unlisten
    track.addEventListener('ended', () => this.#ended(source), { signal })
    this.#bySource.set(source, { track, enabled: true, unlisten })
  }

  /** Turns a source on or off; `false` when it is not published. */
  enable(source: TrackSource, enabled: boolean): boolean {
    const entry = this.#bySource.get(source)
    if (entry !== undefined) entry.enabled = enabled && isLive(entry.track)
    return entry !== undefined
  }

  /** The track that is sent as a source: `null` when it is off or not published. */
  sent(source: TrackSource): MediaStreamTrack | null {
    const entry = this.#bySource.get(source)
    return entry?.enabled === true ? entry.track : null
  }

  /** Whether a source is on. */
  get isOn(): boolean {
    return [...this.#bySource.values()].some(({ enabled }) => enabled)
  }

  /** Ends a source; `false` when it was not published. */
  delete(source: TrackSource): boolean {
    this.#bySource.get(source)?.unlisten.abort()
    return this.#bySource.delete(source)
  }

  /** The state of a source's frames, as media reports it. */
  setE2EE(source: TrackSource, e2ee: TrackE2EE): void {
    this.#e2eeBySource.set(source, e2ee)
  }

  /** Frames of a source that is on are not sealed, or are sealed again. spec R112 */
  setStalled(source: TrackSource, isStalled: boolean): void {
    if (isStalled) this.#stalled.add(source)
    else this.#stalled.delete(source)
  }

  /** No frame of any source was sealed yet. */
  forgetE2EE(): void {
    this.#e2eeBySource.clear()
  }

  /** The tracks as a participant shows them. */
  tracks(): Map<TrackSource, ParticipantTrack> {
    const shown = new Map<TrackSource, ParticipantTrack>()
    for (const [source, { track, enabled }] of this.#bySource) {
      const e2ee = this.#e2eeBySource.get(source) ?? 'pending'
      const isStalled = enabled && this.#stalled.has(source)
      const liveness = isLive(track) ? (isStalled ? 'stalled' : 'live') : 'ended'
      shown.set(source, { track, enabled, e2ee, liveness })
    }
    return shown
  }

  /** Whether each source is on. */
  enabled(): Participant['published'] {
    return Object.fromEntries([...this.#bySource].map(([source, { enabled }]) => [source, enabled]))
  }

  /** The sources as announced to others. */
  info(): ParticipantInfo['published'] {
    const states = [...this.#bySource].map(
      ([source, { enabled, track }]) => [source, isLive(track) ? enabled : 'ended'] as const,
    )
    return Object.fromEntries(states)
  }

  /** Listens to no track from now on. */
  close(): void {
    for (const { unlisten } of this.#bySource.values()) unlisten.abort()
  }
}

interface Entry {
  readonly track: MediaStreamTrack
  enabled: boolean
  readonly unlisten: AbortController
}

const isLive = ({ readyState }: MediaStreamTrack): boolean => readyState !== 'ended'

const LIVE_TRACKS: Kind = [
  'a stream with tracks that have not ended',
  (tracks) =>
    (tracks as readonly SourcedTrack[]).length > 0 &&
    (tracks as readonly SourcedTrack[]).every(
      ({ track }) => EVENT_TARGET[1](track) && isLive(track),
    ),
]
