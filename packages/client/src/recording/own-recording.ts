/**
 * The one recording that a session announces, from before its first frame until after its last.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { ClientError, type RecordingRefusal } from '../errors.ts'
import { abortedError } from '../hub/connection-end.ts'
import type { Standing } from '../admission/own-standing.ts'
import type { ParticipantInfo } from '../messages/bodies.ts'
import type { RoomMessages } from '../messages/room-messages.ts'
import { RecordingAnnouncement } from './recording-announcement.ts'

/** The needs of {@link OwnRecording}. */
export interface OwnRecordingOptions {
  readonly messages: RoomMessages
  readonly clock: Clock
  /** Whether messages to the room are signed. spec R45, R60 */
  readonly isSigned: boolean
  readonly standing: () => Standing
  /** The information of this session, this recording included. */
  readonly info: () => ParticipantInfo
  /** The recording began, or ended. */
  readonly changed: () => void
  /** The end of a recording could not be sent. */
  readonly failed: (error: unknown) => void
}

/** Says to everyone that this session records, and since when. spec Q1, Q2 */
export class OwnRecording {
  readonly #options: OwnRecordingOptions
  #since: number | undefined
  #isClosed = false
  #close: () => void = () => {}

  constructor(options: OwnRecordingOptions) {
    this.#options = options
  }

  /** Since when this session says that it records; `undefined` while it does not. */
  get since(): number | undefined {
    return this.#since
  }

  /**
   * Announces a recording. Resolves when the hub has the announcement.
   *
   * @throws ClientError `ERR_CLIENT_RECORDING`, `ERR_CLIENT_NOT_ADMITTED`, `ERR_CLIENT_OVERFLOW`, `ERR_CLIENT_ABORTED`,
   *   `ERR_CLIENT_CLOSED`
   */
  async announce(signal?: AbortSignal): Promise<RecordingAnnouncement> {
    const { clock, isSigned, standing, changed } = this.#options
    if (signal?.aborted) throw abortedError(signal)
    if (this.#isClosed) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    if (!isSigned) throw refusal('unsigned')
    if (this.#since !== undefined) throw refusal('running')
    if (standing() !== 'admitted') throw new ClientError('ERR_CLIENT_NOT_ADMITTED', undefined)
    const since = Math.floor(clock.now())
    this.#since = since
    changed()
    try {
      const sequence = await this.#tell(signal)
      return this.#announced(since, sequence)
    } catch (error) {
      await this.#end()
      throw error
    }
  }

  /** The session ended: an announcement that is under way is refused. */
  close(): void {
    this.#isClosed = true
    this.#close()
    if (this.#since === undefined) return
    this.#since = undefined
    this.#options.changed()
  }

  /** The place of the announcement in the stream to the room, once the hub has it. */
  async #tell(signal: AbortSignal | undefined): Promise<number> {
    const { messages, info } = this.#options
    const stops: (() => void)[] = []
    try {
      return await new Promise<number>((resolve, reject) => {
        let sequence = -1
        const abort = (): void => reject(abortedError(signal))
        signal?.addEventListener('abort', abort)
        stops.push(() => signal?.removeEventListener('abort', abort))
        this.#close = () => reject(new ClientError('ERR_CLIENT_CLOSED', undefined))
        const sending = messages.setInfo(info())
        if (sending === undefined) throw new ClientError('ERR_CLIENT_NOT_ADMITTED', undefined)
        const { id: own, sent } = sending
        sent.catch(reject)
        stops.push(
          messages.on('said', (said) => {
            if (said.id === own) sequence = said.sequence
          }),
          messages.on('acknowledged', ({ id }) => {
            if (id === own) resolve(sequence)
          }),
          messages.on('refused', ({ id }) => {
            if (id === own) reject(refusal('refused'))
          }),
        )
      })
    } finally {
      for (const stop of stops) stop()
      this.#close = () => {}
    }
  }

  #announced(since: number, sequence: number): RecordingAnnouncement {
    const { messages } = this.#options
    const isCurrent = (): boolean => this.#since === since
    return new RecordingAnnouncement(since, {
      isCurrent,
      isKnownTo: (participant) => isCurrent() && messages.hasConfirmed(participant, sequence),
      send: (to, kind, body) => messages.send(to, kind, body),
      end: () => this.#end(),
    })
  }

  async #end(): Promise<void> {
    if (this.#since === undefined) return
    this.#since = undefined
    const { messages, info, changed, failed } = this.#options
    changed()
    await messages.setInfo(info())?.sent.catch(failed)
  }
}

const refusal = (reason: RecordingRefusal): ClientError =>
  new ClientError('ERR_CLIENT_RECORDING', { reason })
