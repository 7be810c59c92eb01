/**
 * The media sections of a sending connection: each protected before it carries anything.
 *
 * @module
 */
import { limitCodecs } from './codec-preferences.ts'
import { applyLimits } from './encodings.ts'
import type { EncodingLimits } from './encodings.ts'
import type { Inbox } from '../inbox.ts'
import type { LocalTrack, LocalTracks } from './local-tracks.ts'
import type { TrackDescription } from '../signalling/messages.ts'
import type { PeerContext } from './peer-context.ts'

/** What the sections of a connection need. */
export interface SenderSlotsOptions {
  readonly context: PeerContext
  readonly connection: RTCPeerConnection
  /** Runs what is done to the sections in turn with everything else. */
  readonly inbox: Inbox
  readonly tracks: LocalTracks
  /** The limits of a track now. */
  readonly limits: (track: LocalTrack) => EncodingLimits
  /** The protector refused: nothing was or will be sent; the connection must be closed. */
  readonly protectFailed: (label: string, cause: unknown) => void
}

/**
 * One section for each label, made without a track and with a transform in the same task; a track comes into it
 * only after the transform was acknowledged. A section stays for the life of the connection. spec S24, S28
 */
export class SenderSlots {
  readonly #options: SenderSlotsOptions
  readonly #slots: Slot[] = []
  #closed = false

  constructor(options: SenderSlotsOptions) {
    this.#options = options
    this.#add()
  }

  /** Brings the sections in line with the table of tracks. */
  update(): void {
    this.#add()
    for (const slot of this.#slots) this.#options.inbox.push(() => this.#attach(slot))
  }

  /** Applies the limits of now. */
  updateLimits(): void {
    for (const slot of this.#slots) this.#options.inbox.push(() => this.#limit(slot))
  }

  /** What an offer says of the sections that it has. */
  describe(): readonly TrackDescription[] {
    return this.#slots.flatMap(({ label, kind, transceiver }) => {
      const { mid } = transceiver
      return mid === null ? [] : [{ mid, label, kind, active: this.#wanted(label) !== null }]
    })
  }

  /** Differs whenever other sides must be told of a change. */
  signature(): string {
    return this.#slots.map(({ label }) => `${label} ${this.#wanted(label) !== null}`).join()
  }

  /** Nothing is attached any more. */
  close(): void {
    this.#closed = true
  }

  #add(): void {
    for (const track of this.#options.tracks.list()) {
      if (!this.#slots.some((slot) => slot.label === track.label)) this.#addSlot(track)
    }
  }

  #addSlot({ label, kind }: LocalTrack): void {
    const { connection, context, inbox } = this.#options
    const { frames, peer } = context
    const transceiver = connection.addTransceiver(kind, { direction: 'sendonly' })
    const slot: Slot = { label, kind, transceiver, isProtected: false }
    this.#slots.push(slot)
    try {
      limitCodecs(transceiver, frames.codecs[kind], RTCRtpSender.getCapabilities(kind))
      const acknowledged = frames.protectSender(
        transceiver.sender,
        { label, kind },
        { peer, connection },
      )
      acknowledged.then(
        () => {
          slot.isProtected = true
          inbox.push(() => this.#attach(slot))
        },
        (error: unknown) => this.#fail(label, error),
      )
    } catch (error) {
      // Later, so that the owner knows the connection that it has to close.
      queueMicrotask(() => this.#fail(label, error))
    }
  }

  #fail(label: string, cause: unknown): void {
    if (!this.#closed) this.#options.protectFailed(label, cause)
  }

  async #attach(slot: Slot): Promise<void> {
    // spec S24: without the worker's word no track comes near the sender.
    if (this.#closed || !slot.isProtected) return
    const track = this.#wanted(slot.label)
    const { sender } = slot.transceiver
    if (sender.track !== track) await sender.replaceTrack(track)
    await this.#limit(slot)
  }

  async #limit({ label, isProtected, transceiver }: Slot): Promise<void> {
    const track = this.#options.tracks.get(label)
    if (this.#closed || !isProtected || track === undefined || track.track === null) return
    const { width, height } = track.track.getSettings()
    // The shorter side: a phone held upright is no larger a picture.
    const shorterSide =
      width === undefined || height === undefined ? undefined : Math.min(width, height)
    const { sender } = transceiver
    // Whoever asks for a key frame sets parameters too: then the first try is out of date.
    for (let tries = 0; tries < 2; tries += 1) {
      const limits = this.#options.limits(track)
      try {
        return await sender.setParameters(applyLimits(sender.getParameters(), limits, shorterSide))
      } catch {
        // Limits are a courtesy: a platform that does not know one of them sends without.
      }
    }
  }

  #wanted(label: string): MediaStreamTrack | null {
    return this.#options.tracks.get(label)?.track ?? null
  }
}

interface Slot {
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly transceiver: RTCRtpTransceiver
  isProtected: boolean
}
