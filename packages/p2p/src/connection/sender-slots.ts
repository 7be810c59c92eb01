/**
 * The media sections of a sending connection: each protected before it carries anything.
 *
 * @module
 */
import type { TrackDescription } from '../signalling/messages.ts'
import { isRejected, limitCodecs } from './codec-preferences.ts'
import { applyLimits, startEncodings } from './encodings.ts'
import type { EncodingLimits } from './encodings.ts'
import type { IceConnection } from './ice-connection.ts'
import type { LocalTrack, LocalTracks } from './local-tracks.ts'
import type { PeerContext } from './peer-context.ts'

/** Options of {@link SenderSlots}. */
export interface SenderSlotsOptions {
  readonly context: PeerContext
  readonly ice: IceConnection
  readonly tracks: Pick<LocalTracks, 'list' | 'get'>
  /** The limits of a track now. */
  readonly limits: (track: LocalTrack) => EncodingLimits
  /** The protector refused: nothing was or will be sent. You must close the connection. */
  readonly refused: (label: string, cause: unknown) => void
}

/**
 * One section for each label, made without a track and with a transform in the same task; a track comes into it
 * only after the transform was acknowledged. A section stays for the life of the connection. spec S24, S28
 */
export class SenderSlots {
  readonly #options: SenderSlotsOptions
  readonly #slots: Slot[] = []

  constructor(options: SenderSlotsOptions) {
    this.#options = options
    this.#add()
  }

  /** Brings the sections in line with the table of tracks. */
  update(): void {
    this.#add()
    for (const slot of this.#slots) this.#change(() => this.#attach(slot))
  }

  /** Applies the present limits. */
  updateLimits(): void {
    for (const slot of this.#slots) this.#change(() => this.#limit(slot))
  }

  /** The connection is well again: whoever lost pictures waits for a whole one. spec S147 */
  renewPictures(): void {
    for (const slot of this.#slots) {
      if (slot.kind === 'video') this.#change(() => this.#limit(slot, { keyFrame: true }))
    }
  }

  /**
   * Describes the sections that have a `mid`, for an offer, and those without a codec, which the description leaves out:
   * the other side is to hear of them too. spec S53
   */
  describe(): readonly TrackDescription[] {
    return this.#slots.flatMap((slot, index) => {
      const { label, kind, transceiver } = slot
      // The platform takes the `mid` away with the section.
      slot.mid ??= transceiver.mid ?? (isRejected(transceiver) ? `no-section-${index}` : null)
      const { mid } = slot
      return mid === null ? [] : [{ mid, label, kind, active: this.#wanted(label) !== null }]
    })
  }

  /** Differs whenever the other side must learn of a change. */
  signature(): string {
    return this.#slots.map(({ label }) => `${label} ${this.#wanted(label) !== null}`).join()
  }

  #change(task: () => Promise<void>): void {
    this.#options.context.queue.change(task)
  }

  #add(): void {
    for (const track of this.#options.tracks.list()) {
      if (!this.#slots.some((slot) => slot.label === track.label)) this.#addSlot(track)
    }
  }

  #addSlot({ label, kind }: LocalTrack): void {
    const { ice, context } = this.#options
    const transceiver = ice.platform.addTransceiver(kind, {
      direction: 'sendonly',
      sendEncodings: startEncodings(context.frames.codecs[kind]),
    })
    const slot: Slot = { label, kind, transceiver }
    this.#slots.push(slot)
    void this.#protect(slot)
  }

  /** Sets the transform in the task in which the section is made. */
  async #protect(slot: Slot): Promise<void> {
    const { ice, context } = this.#options
    const { label, kind, transceiver } = slot
    const { frames, peer } = context
    try {
      if (limitCodecs(transceiver, frames.codecs, RTCRtpSender)) {
        const connection = ice.platform
        await frames.protectSender(transceiver.sender, { label, kind }, { peer, connection })
        slot.isProtected = true
      } else {
        // Never in an offer: the other sections go on without it.
        transceiver.stop()
      }
      this.#change(() => this.#attach(slot))
    } catch (error) {
      // Later, so that the owner knows the connection that it has to close.
      queueMicrotask(() => {
        if (!ice.closed) this.#options.refused(label, error)
      })
    }
  }

  async #attach(slot: Slot): Promise<void> {
    // spec S24, S42: no track comes into the sender before the worker has acknowledged the transform, or after it was lost.
    const { context, ice } = this.#options
    if (ice.closed || context.lost.has('send')) return
    const track = this.#wanted(slot.label)
    if (isRejected(slot.transceiver)) {
      if (track === null || slot.isTold) return
      slot.isTold = true
      return context.codecMissing(slot.label, 'send')
    }
    if (!slot.isProtected) return
    const { sender } = slot.transceiver
    try {
      if (sender.track !== track) await ice.calls.settled(sender.replaceTrack(track))
    } catch (error) {
      if (ice.closed) return
      throw error
    }
    await this.#limit(slot)
  }

  async #limit(
    { label, isProtected, transceiver }: Slot,
    option: { readonly keyFrame?: true } = {},
  ): Promise<void> {
    const track = this.#options.tracks.get(label)
    if (this.#options.ice.closed || !isProtected || !track?.track) return
    const { width = 0, height = 0 } = track.track.getSettings()
    const { sender } = transceiver
    // A request for a key frame sets parameters too: then the first attempt is out of date.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const limits = this.#options.limits(track)
      try {
        // The shorter side: a phone held upright has no larger a picture.
        const lines = Math.min(width, height)
        const parameters = applyLimits(sender.getParameters(), limits, lines)
        const encodingOptions = parameters.encodings.map(() => option)
        return await this.#options.ice.calls.settled(
          sender.setParameters(parameters, { encodingOptions }),
        )
      } catch {
        // A platform that does not know one of the limits sends without them.
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
  /** Of the section, since the first offer that described it. */
  mid?: string | null
  isProtected?: true
  /** Its owner knows that there is no codec for it. */
  isTold?: true
}
