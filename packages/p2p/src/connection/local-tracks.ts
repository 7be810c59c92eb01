/**
 * The tracks that this side sends, by label: one table for all connections.
 *
 * @module
 */
import { P2pError } from '../errors.ts'
import { MAX_TRACKS, isId } from '../signalling/messages.ts'

/** A label and the track that is sent under it now. */
export interface LocalTrack {
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly track: MediaStreamTrack | null
}

/** The labels of a call. */
export const CALL_LABELS: readonly LocalTrack[] = [
  { label: 'microphone', kind: 'audio', track: null },
  { label: 'camera', kind: 'video', track: null },
]

/**
 * The tracks to send. A label, once used, keeps its kind and its section. spec S28
 */
export class LocalTracks {
  readonly #trackByLabel = new Map<string, LocalTrack>()

  /** Labels that exist from now on, so that switching them on needs no new media section. */
  declare(labels: readonly LocalTrack[]): void {
    for (const track of labels) {
      if (!this.#trackByLabel.has(track.label)) this.#trackByLabel.set(track.label, track)
    }
  }

  /** All labels in the order of their first use. */
  list(): readonly LocalTrack[] {
    return [...this.#trackByLabel.values()]
  }

  /** The label and its track; `undefined` for a label that was never used. */
  get(label: string): LocalTrack | undefined {
    return this.#trackByLabel.get(label)
  }

  /**
   * Puts a track, or none, under a label; returns `false` if it is there already.
   *
   * @throws TypeError for a label or a track of the wrong kind.
   * @throws P2pError `ERR_P2P_TOO_MANY_TRACKS`
   */
  set(label: string, kind: 'audio' | 'video', track: MediaStreamTrack | null): boolean {
    if (!isId(label)) throw new TypeError('"label" expected 1 to 128 characters')
    if (track !== null && track.kind !== kind) {
      throw new TypeError(`"track" expected a track of kind ${kind}, got ${track.kind}`)
    }
    const present = this.#trackByLabel.get(label)
    if (present !== undefined && present.kind !== kind) {
      throw new TypeError(`"kind" expected ${present.kind} for the label ${label}, got ${kind}`)
    }
    if ((present?.track ?? null) === track) return false
    if (present === undefined && this.#trackByLabel.size >= MAX_TRACKS) {
      throw new P2pError('ERR_P2P_TOO_MANY_TRACKS', { limit: MAX_TRACKS })
    }
    this.#trackByLabel.set(label, { label, kind, track })
    return true
  }
}
