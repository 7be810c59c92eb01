/**
 * This session as a participant, for its own application and for the others.
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantInfo } from '../messages/bodies.ts'
import { OwnRecording } from '../recording/own-recording.ts'
import { type RoomParts, cleanName } from './join-room.ts'
import { type Participant, nextParticipant } from './participant.ts'
import type { PublishedTracks } from './published-tracks.ts'

/** The needs of {@link OwnParticipant}. */
export interface OwnParticipantOptions {
  readonly parts: RoomParts<KeySource>
  readonly published: PublishedTracks
  /** Shows the participant, as it is now, in the room. */
  readonly changed: () => void
  /** A change could not be sent; the next hello repeats it. */
  readonly failed: (error: unknown) => void
}

/** Makes the view of this session, and tells the others of each change. */
export class OwnParticipant {
  readonly recording: OwnRecording
  readonly #options: OwnParticipantOptions
  #name: string
  #takesData = false

  constructor(options: OwnParticipantOptions) {
    const { parts, changed, failed } = options
    this.#options = options
    this.#name = parts.name
    this.recording = new OwnRecording({
      ...{ messages: parts.messages, clock: parts.clock, changed, failed },
      isSigned: parts.introductions !== undefined,
      standing: () => parts.governance.admission.standing,
      info: () => this.#info(),
    })
  }

  set name(name: string) {
    this.#name = cleanName(name)
  }

  /** The participant as it is now; `before` itself if nothing changed. */
  view(before?: Participant): Participant {
    const { parts, published } = this.#options
    return nextParticipant(before, {
      id: parts.self,
      name: this.#name,
      isSelf: true,
      person: parts.persons.certifying?.id,
      confirmation: 'none',
      tracks: published.tracks(),
      published: published.enabled(),
      recordingSince: this.recording.since,
      signsMedia: parts.info.signsMedia === true,
      connection: 'connected',
      presence: 'present',
    })
  }

  /** Applies a change here and announces it to the others. */
  async announce(): Promise<void> {
    const { parts, changed, failed } = this.#options
    changed()
    await parts.messages.setInfo(this.#info())?.sent.catch(failed)
  }

  /** Tells the others that this session takes data from now on. spec R170 */
  async takeData(): Promise<void> {
    this.#takesData = true
    await this.announce()
  }

  #info(): ParticipantInfo {
    const { since: recording } = this.recording
    const { parts, published } = this.#options
    return {
      ...{ ...parts.info, name: this.#name, published: published.info() },
      ...(this.#takesData && { data: true }),
      ...(recording !== undefined && { recording }),
    }
  }
}
