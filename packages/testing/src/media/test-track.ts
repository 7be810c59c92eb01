/**
 * Tracks without a device, also where there is no WebRTC.
 *
 * @module
 */

/** A track that a test ends. It has what a room looks at, and no picture and no sound. */
export class TestTrack extends EventTarget {
  readonly kind: 'audio' | 'video'
  enabled = true
  readyState: MediaStreamTrackState = 'live'

  get [Symbol.toStringTag](): string {
    return 'TestTrack'
  }

  constructor(kind: 'audio' | 'video') {
    super()
    this.kind = kind
  }

  /** Ends as a device does that was pulled out. */
  end(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }

  /** As `MediaStreamTrack.stop`: ends without an event. */
  stop(): void {
    this.readyState = 'ended'
  }
}

/** A stream of these tracks, for `Room.publish`. */
export function streamOf(...tracks: readonly TestTrack[]): MediaStream {
  const ofKind = (kind: string) => (): TestTrack[] => tracks.filter((track) => track.kind === kind)
  return {
    getTracks: () => [...tracks],
    getAudioTracks: ofKind('audio'),
    getVideoTracks: ofKind('video'),
  } as unknown as MediaStream
}

/** A test's track, as the platform would give it. */
export function asTrack(track: TestTrack): MediaStreamTrack {
  return track as unknown as MediaStreamTrack
}
