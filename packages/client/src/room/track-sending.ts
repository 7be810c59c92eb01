/**
 * Sends the published tracks of a session: none before its key is closed to everybody who left. spec R49
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { MediaTransport, SideMedia } from '../call/media-transport.ts'
import { FrameCount } from '../keys/frame-count.ts'
import { problemFrom } from '../problem.ts'
import type { TrackSource } from '../track-source.ts'
import type { RoomParts } from './join-room.ts'
import type { ProblemReporter } from './problem-reporter.ts'
import type { PublishedTracks, SourcedTrack } from './published-tracks.ts'

/** Tells the keys and the media transport which sources are on. */
export class TrackSending {
  readonly #parts: SendingParts
  readonly #published: PublishedTracks
  readonly #callMedia: (call: (media: MediaTransport) => void) => void
  readonly #frameCount: FrameCount
  /** Those that send media beside the published tracks. */
  readonly #beside = new Set<object>()

  constructor(
    parts: SendingParts,
    published: PublishedTracks,
    callMedia: (call: (media: MediaTransport) => void) => void,
  ) {
    const { media, messages, clock } = parts
    this.#parts = parts
    this.#published = published
    this.#callMedia = callMedia
    this.#frameCount = new FrameCount({
      clock,
      total: async () => (await media?.stats())?.sealed ?? 0,
      counted: (count) => messages.ownKeys?.framesSealed(count),
    })
  }

  /** Publishes tracks, and sends them. */
  publish(tracks: readonly SourcedTrack[]): void {
    for (const { source, track } of tracks) {
      this.#published.set(source, track)
      this.send(source)
    }
  }

  /** Sends the present track of a source from now on, or nothing. */
  send(source: TrackSource): void {
    const { media, messages } = this.#parts
    if (media === undefined) return
    const send = (): void =>
      this.#callMedia((carrier) => carrier.setTrack(source, this.#published.sent(source)))
    this.#tellKeys()
    this.#frameCount.watch(this.#published.isOn)
    if (messages.ownKeys === undefined || this.#published.sent(source) === null) send()
    else messages.ownKeys.whenClosedToLeavers(send)
  }

  /** Media is sent beside the published tracks, or no longer. Resolves when nobody who left can open it. spec R168 */
  async sendBeside(sender: object, isOn: boolean): Promise<void> {
    if (isOn) this.#beside.add(sender)
    else this.#beside.delete(sender)
    this.#tellKeys()
    const { ownKeys } = this.#parts.messages
    if (isOn && ownKeys) await new Promise<void>((resolve) => ownKeys.whenClosedToLeavers(resolve))
  }

  /** Ends all sources: nothing of them is sent from now on. spec R14 */
  end(): void {
    for (const source of this.#published.tracks().keys()) {
      this.#published.delete(source)
      this.send(source)
    }
  }

  /** Counts nothing, and listens to no track, from now on. */
  close(): void {
    this.#published.close()
    this.#frameCount.watch(false)
  }

  #tellKeys(): void {
    this.#parts.messages.ownKeys?.media(this.#published.isOn || this.#beside.size > 0)
  }
}

/** Makes the view that one sender of media beside the published tracks has of the session. spec R168 */
export function createSideMedia(
  parts: RoomParts<KeySource>,
  options: { readonly tracks: TrackSending; readonly problems: ProblemReporter },
): SideMedia {
  const { room, self, streamKeys: keys, signals: driver, data, clock, messages } = parts
  const { iceServers, iceTransportPolicy } = parts
  const side: SideMedia = {
    ...{ room, self, keys, driver, data, clock, iceServers, iceTransportPolicy },
    sends: (isOn) => options.tracks.sendBeside(side, isOn),
    sealed: (count) => messages.ownKeys?.framesSealed(count),
    report: (error) => options.problems.report(problemFrom(error, 'ERR_CLIENT_MEDIA')),
  }
  return side
}

type SendingParts = Pick<RoomParts<never>, 'media' | 'messages' | 'clock'>
