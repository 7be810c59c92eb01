/** Tracks and streams for Node: what the state layer touches of them, and nothing else. */

/** A track that can be stopped by its owner and lost by the machine. */
export class TestTrack extends EventTarget {
  readonly kind: 'audio' | 'video'
  readonly label: string
  enabled = true
  readyState: 'live' | 'ended' = 'live'

  constructor(kind: 'audio' | 'video', label: string) {
    super()
    this.kind = kind
    this.label = label
  }

  clone(): TestTrack {
    return new TestTrack(this.kind, this.label)
  }

  stop(): void {
    this.readyState = 'ended'
  }

  /** The machine takes the device away. */
  lose(): void {
    this.readyState = 'ended'
    this.dispatchEvent(new Event('ended'))
  }
}

/** As the type that the code under test asks for. */
export function asTrack(track: TestTrack): MediaStreamTrack {
  return track as unknown as MediaStreamTrack
}

/** A stream of tracks. */
export function streamOf(...tracks: readonly TestTrack[]): MediaStream {
  return {
    getTracks: () => [...tracks],
    getAudioTracks: () => tracks.filter((track) => track.kind === 'audio'),
    getVideoTracks: () => tracks.filter((track) => track.kind === 'video'),
  } as unknown as MediaStream
}
