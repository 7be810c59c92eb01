/**
 * The media sections of a receiving connection: each takes its label from authenticated offers, and its frames
 * only through a transform.
 *
 * @module
 */
import { MAX_TRACKS } from '../signalling/messages.ts'
import type { TrackDescription } from '../signalling/messages.ts'
import { isRejected, limitCodecs } from './codec-preferences.ts'
import type { IceConnection } from './ice-connection.ts'
import type { PeerContext } from './peer-context.ts'

/** A track that arrives. */
export interface RemoteTrack {
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly track: MediaStreamTrack
  readonly receiver: RTCRtpReceiver
}

/** Options of {@link ReceiverSections}. */
export interface ReceiverSectionsOptions {
  readonly context: PeerContext
  readonly ice: IceConnection
  readonly trackBegan: (track: RemoteTrack) => void
  readonly trackEnded: (track: RemoteTrack) => void
}

/** Media sections as offers describe them, from transform to track. spec S21, S26, S27, S29 */
export class ReceiverSections {
  readonly #options: ReceiverSectionsOptions
  readonly #sectionByMid = new Map<string, Section>()

  constructor(options: ReceiverSectionsOptions) {
    this.#options = options
    options.ice.platform.addEventListener('track', ({ transceiver }) => {
      void this.#protect(transceiver)
    })
  }

  /**
   * Whether the other side should be sending packets: microphone and camera are sent steadily, a still screen is not.
   *
   * @param isWanted whether this side has not paused the video with this label
   */
  expectsPackets(isWanted: (label: string) => boolean): boolean {
    return [...this.#sectionByMid.values()].some(
      ({ label, shown }) =>
        shown !== undefined && (label === 'microphone' || (label === 'camera' && isWanted(label))),
    )
  }

  /**
   * Learns the labels of an offer, those that may be received (spec S60); `false`, and no change, if it moves a label or
   * changes the kind of a section. spec S21
   */
  describe(offered: readonly TrackDescription[]): boolean {
    const { kindByLabel } = this.#options.context
    const tracks = offered.filter(
      ({ label, kind }) => kindByLabel === undefined || kindByLabel.get(label) === kind,
    )
    const sections = [...this.#sectionByMid.values()]
    const fits = tracks.every(({ mid, label, kind }) =>
      sections.every(
        (known) =>
          (known.mid === mid) === (known.label === label) &&
          (known.mid !== mid || known.kind === kind),
      ),
    )
    const added = tracks.filter(({ mid }) => !this.#sectionByMid.has(mid))
    if (!fits || sections.length + added.length > MAX_TRACKS) return false
    for (const section of sections) section.active = false
    for (const track of tracks) {
      const known = this.#sectionByMid.get(track.mid)
      if (known === undefined) this.#sectionByMid.set(track.mid, { ...track })
      else known.active = track.active
    }
    return true
  }

  /** Lets the answer accept only sections that are described, protected and of allowed codecs; rejects all others. */
  limitAnswer(): void {
    for (const transceiver of this.#options.ice.platform.getTransceivers()) {
      // An earlier answer rejected it for want of a common codec.
      if (transceiver.direction === 'stopped') continue
      const section = this.#sectionByMid.get(transceiver.mid ?? '')
      // A picture that cannot be decoded here must not cost the sound.
      if (
        section?.transceiver !== transceiver ||
        !limitCodecs(transceiver, this.#options.context.frames.codecs, RTCRtpReceiver)
      ) {
        transceiver.direction = 'inactive'
      }
    }
  }

  /** Tells of tracks that began or ended with the offer that was just answered. */
  show(): void {
    for (const section of this.#sectionByMid.values()) this.#show(section)
  }

  /** Ends all tracks. */
  hide(): void {
    for (const section of this.#sectionByMid.values()) this.#hide(section)
  }

  /** Sets the transform in the task of the `track` event: Chromium ignores one that is set later. */
  async #protect(transceiver: RTCRtpTransceiver): Promise<void> {
    const section = this.#sectionByMid.get(transceiver.mid ?? '')
    const { receiver } = transceiver
    if (section === undefined || section.kind !== receiver.track.kind) return
    if (section.transceiver !== undefined) return
    const { label, kind } = section
    const { context, ice } = this.#options
    const { peer, frames } = context
    section.transceiver = transceiver
    try {
      await frames.protectReceiver(receiver, { label, kind }, { peer, connection: ice.platform })
    } catch (error) {
      if (ice.closed) return
      context.protectFailed(label, error)
      this.#hide(section)
      receiver.track.stop()
      section.transceiver = undefined
    }
  }

  #show(section: Section): void {
    const { label, kind, transceiver } = section
    if (section.active && this.#isWithoutCodec(section)) {
      if (!section.isTold) this.#options.context.codecMissing(label, 'receive')
      section.isTold = true
      return this.#hide(section)
    }
    if (!section.active || transceiver === undefined) return this.#hide(section)
    if (section.shown !== undefined) return
    const { receiver } = transceiver
    section.shown = { label, kind, receiver, track: receiver.track }
    this.#options.trackBegan(section.shown)
  }

  /** Whether the description rejects the section, or leaves it out. spec S53 */
  #isWithoutCodec({ mid, transceiver }: Section): boolean {
    if (transceiver !== undefined) return isRejected(transceiver)
    const { platform } = this.#options.ice
    return !platform.getTransceivers().some((each) => each.mid === mid)
  }

  #hide(section: Section): void {
    const { shown } = section
    if (shown === undefined) return
    section.shown = undefined
    this.#options.trackEnded(shown)
  }
}

/** A media section of the connection, as authenticated offers describe it. */
interface Section {
  readonly mid: string
  readonly label: string
  readonly kind: 'audio' | 'video'
  active: boolean
  /** Its owner knows that there is no codec for it. */
  isTold?: boolean
  /** From the setting of its receiver's transform on. */
  transceiver?: RTCRtpTransceiver | undefined
  /** The track that the owner was told of. */
  shown?: RemoteTrack | undefined
}
