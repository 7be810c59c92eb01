/**
 * A recording that was announced to the room.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { checkArgument, PARTICIPANT_ID, textUpTo } from '../arguments.ts'
import { ClientError } from '../errors.ts'
import { encodeBody, MAX_RECORDING_KEY_LENGTH, MESSAGE_KINDS } from '../messages/bodies.ts'

/** The side of a session that an announcement uses. */
export interface AnnouncingSession {
  isCurrent(): boolean
  isKnownTo(participant: ParticipantId): boolean
  send(to: ParticipantId, kind: number, body: Uint8Array): Promise<void>
  end(): Promise<void>
}

/**
 * A recording that everyone in the room sees, until it ends. Comes from `room.announceRecording`; `@conclave/recording`
 * calls it for you.
 */
export class RecordingAnnouncement implements AsyncDisposable {
  /** When it began, by this session's clock, in milliseconds since 1970. */
  readonly since: number
  readonly #session: AnnouncingSession

  get [Symbol.toStringTag](): string {
    return 'RecordingAnnouncement'
  }

  constructor(since: number, session: AnnouncingSession) {
    this.since = since
    this.#session = session
  }

  /** Whether it stands: neither ended nor the room left. */
  get isCurrent(): boolean {
    return this.#session.isCurrent()
  }

  /**
   * Whether a participant has confirmed that it knows of the recording. You must record nothing of a participant before: a hub may
   * keep the announcement from somebody, and cannot confirm it. spec Q3
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   */
  isKnownTo(participant: ParticipantId): boolean {
    checkArgument('participant', participant, PARTICIPANT_ID)
    return this.#session.isKnownTo(participant)
  }

  /**
   * Gives the key of the recording to one participant, sealed for that session only: it gets the event `recordingKeyGiven`. Does
   * nothing for somebody who is not in the roster. spec Q5
   *
   * @param key at most 512 characters
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   * @throws ClientError `ERR_CLIENT_CLOSED` after the end, `ERR_CLIENT_OVERFLOW`
   */
  async giveKey(participant: ParticipantId, key: string): Promise<void> {
    checkArgument('participant', participant, PARTICIPANT_ID)
    checkArgument('key', key, KEY)
    if (!this.isCurrent) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    await this.#session.send(participant, MESSAGE_KINDS.recordingKey, encodeBody({ key }))
  }

  /** Says that the recording ended. You must not record anything afterwards. Idempotent; never rejects. */
  async end(): Promise<void> {
    if (this.isCurrent) await this.#session.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

const KEY = textUpTo(MAX_RECORDING_KEY_LENGTH)
