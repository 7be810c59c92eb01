import type { Clock } from '@conclave/base'
import { ClientError } from '@conclave/client'
import type { RecordingAnnouncement, Room } from '@conclave/client'
import { sealGrowingFile } from '@conclave/e2ee/files'
import type { SealedGrowingFile } from '@conclave/e2ee/files'
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { RecordingError } from '../errors.ts'
import { recordableOf } from '../picture/people.ts'
import { Picture } from '../picture/picture.ts'
import type { Sound } from '../picture/sound.ts'
import { encodeRecordingKey } from '../recording-key.ts'
import type { RecordingKey } from '../recording-key.ts'
import { WatchedTarget } from './watched-target.ts'
import { WebmEncoder } from './webm-encoder.ts'
import type { CheckedOptions } from './recording-options.ts'

/** How a recording ended. */
export interface RecordingEnd {
  /** `stopped` by `stop`; `left`: the room was left, or this session ended; `failed`: `error` says why. */
  readonly reason: 'stopped' | 'left' | 'failed'
  readonly error: unknown
  /** The key, with size and digest unless the end could not be written: then the file opens as one that was cut off. */
  readonly key: RecordingKey
}

/** The room of a recording, as it uses it. */
type RecordedRoom = Pick<Room<KeySource>, 'on' | 'snapshot'>

/** A recording that goes on. Comes from `startRecording`; ends with `stop`, with the room, or by a failure. */
export class Recording implements AsyncDisposable {
  /** When it began, by this session's clock, in milliseconds since 1970: everyone in the room sees it. */
  readonly since: number
  /**
   * Opens the recording, also while it grows. You must store it sealed, or give it to somebody, if the recording is to open when this page
   * is gone.
   */
  readonly key: RecordingKey
  /** Resolves when the recording has ended, and everything is written. Never rejects. */
  readonly ended: Promise<RecordingEnd>
  readonly #room: RecordedRoom
  readonly #announcement: RecordingAnnouncement
  readonly #clock: Clock
  readonly #frameMs: number
  readonly #picture: Picture
  readonly #sound: Sound
  readonly #encoder: WebmEncoder
  readonly #sealed: SealedGrowingFile
  readonly #target: WatchedTarget
  readonly #written: Promise<void>
  readonly #breakOff = new AbortController()
  readonly #readers: Set<ParticipantId>
  readonly #unlisten: () => void
  readonly #beganAtMs: number
  #timer: unknown
  #takenAtMs = Number.NEGATIVE_INFINITY
  #takes = false
  #end: ((end: Omit<RecordingEnd, 'key'>) => void) | undefined

  get [Symbol.toStringTag](): string {
    return 'Recording'
  }

  private constructor(room: RecordedRoom, given: RecordingParts) {
    const { announcement, sound, target, readers, size, encoding, clock } = given
    this.since = announcement.since
    this.#room = room
    this.#announcement = announcement
    this.#clock = clock
    this.#frameMs = 1000 / encoding.frameRate
    this.#picture = new Picture(size)
    this.#sound = sound
    this.#encoder = new WebmEncoder(this.#picture.canvas, sound.track, encoding)
    this.#sealed = sealGrowingFile(this.#encoder.bytes, { chunkSize: CHUNK_BYTES })
    this.key = this.#sealed.key
    this.#target = new WatchedTarget(target, clock)
    const { signal } = this.#breakOff
    this.#written = this.#sealed.stream.pipeTo(this.#target.writable, { signal })
    this.#written.catch((cause: unknown) => this.#failed(storageError(cause)))
    this.#readers = new Set(readers)
    this.#beganAtMs = clock.now()
    this.ended = new Promise<Omit<RecordingEnd, 'key'>>((resolve) => {
      this.#end = resolve
    }).then((end) => this.#finish(end))
    this.#unlisten = room.on('stateChanged', ({ state }) => {
      if (state === 'left') this.#endAs({ reason: 'left', error: undefined })
    })
  }

  /** Begins to record under an announcement, and ends that if it cannot. */
  static async begin(room: RecordedRoom, parts: RecordingParts): Promise<Recording> {
    const { announcement } = parts
    const recording = new Recording(room, parts)
    if (!announcement.isCurrent) recording.#endAs({ reason: 'left', error: undefined })
    await recording.#encoder.start((error) => recording.#failed(error)).catch(recording.#failed)
    await recording.#giveKey(recording.key)
    recording.#tick()
    if (recording.isRunning) return recording
    const { error } = await recording.ended
    if (error === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    // oxlint-disable-next-line typescript/only-throw-error -- an error of this package
    throw error
  }

  /** Sealed bytes that the target has taken. */
  get bytes(): number {
    return this.#target.bytes
  }

  /** Whether it still records. */
  get isRunning(): boolean {
    return this.#end !== undefined
  }

  /**
   * Gives the key to one more participant; does nothing for somebody who is not in the room.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`
   * @throws ClientError `ERR_CLIENT_CLOSED` after the end, `ERR_CLIENT_OVERFLOW`
   */
  async addReader(participant: ParticipantId): Promise<void> {
    await this.#announcement.giveKey(participant, encodeRecordingKey(this.key))
    this.#readers.add(participant)
  }

  /** Ends it: writes what was taken and the end, and then says to everyone that the recording ended. Idempotent; never rejects. */
  async stop(): Promise<RecordingEnd> {
    this.#endAs({ reason: 'stopped', error: undefined })
    return this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  /** Takes what may be recorded at this moment. spec Q3, Q4 */
  readonly #tick = (): void => {
    if (!this.isRunning) return
    const nowMs = this.#clock.now()
    this.#timer = this.#clock.setTimeout(this.#tick, this.#frameMs)
    if (!this.#announcement.isCurrent) return this.#endAs({ reason: 'left', error: undefined })
    if (!this.#sound.isRunning) return this.#failed(soundError())
    const isKnownTo = (id: ParticipantId): boolean => this.#announcement.isKnownTo(id)
    const { shown, sounds } = recordableOf(this.#room.snapshot, isKnownTo)
    this.#sound.mix(sounds)
    // The encoder waits for a slow storage, but sound would fill the memory.
    const takenForMs = this.#takes ? nowMs - this.#takenAtMs : 0
    if (Math.max(takenForMs, this.#target.busyMs) > STALLED_MS) {
      return this.#failed(storageError(undefined))
    }
    if (this.#takes) return
    this.#picture.draw(shown)
    this.#takes = true
    this.#takenAtMs = nowMs
    void this.#encoder
      .add((nowMs - this.#beganAtMs) / 1000, this.#frameMs / 1000)
      .catch(this.#failed)
      .finally(() => {
        this.#takes = false
      })
  }

  readonly #failed = (error: unknown): void => this.#endAs({ reason: 'failed', error })

  /** Takes nothing from now on. */
  #endAs(end: Omit<RecordingEnd, 'key'>): void {
    const resolve = this.#end
    if (resolve === undefined) return
    this.#end = undefined
    this.#clock.clearTimeout(this.#timer)
    this.#unlisten()
    this.#sound.mix([])
    this.#picture.close()
    resolve(end)
  }

  async #finish({ reason, error }: Omit<RecordingEnd, 'key'>): Promise<RecordingEnd> {
    const { key, isWritten } = await this.#write(reason === 'failed')
    await this.#sound.close()
    await this.#giveKey(key)
    await this.#announcement.end()
    if (reason === 'failed' || isWritten) return { reason, error, key }
    return { reason: 'failed', error: storageError(undefined), key }
  }

  async #write(
    hasFailed: boolean,
  ): Promise<{ readonly key: RecordingKey; readonly isWritten: boolean }> {
    try {
      if (hasFailed) throw new Error('nothing that failed ends well')
      await this.#bounded(this.#encoder.finish())
      await this.#bounded(this.#written)
      return { key: await this.#sealed.ended, isWritten: true }
    } catch {
      // Neither may ever end: what is stored opens as a file that was cut off.
      this.#breakOff.abort()
      void this.#encoder.cancel()
      return { key: this.key, isWritten: false }
    }
  }

  async #bounded(done: Promise<void>): Promise<void> {
    let timer: unknown
    const isLate = new Promise<never>((_, reject) => {
      timer = this.#clock.setTimeout(() => reject(storageError(undefined)), STALLED_MS)
    })
    await Promise.race([done, isLate]).finally(() => this.#clock.clearTimeout(timer))
  }

  /** A reader that is gone gets nothing. */
  async #giveKey(key: RecordingKey): Promise<void> {
    const text = encodeRecordingKey(key)
    const given = [...this.#readers].map((id) => this.#announcement.giveKey(id, text))
    await Promise.allSettled(given)
  }
}

/** The parts of a recording. */
export interface RecordingParts extends CheckedOptions {
  readonly announcement: RecordingAnnouncement
  readonly sound: Sound
}

const storageError = (cause: unknown): RecordingError =>
  new RecordingError('ERR_RECORDING_STORAGE', undefined, { cause })

const soundError = (): RecordingError => new RecordingError('ERR_RECORDING_SOUND', undefined)

/** Sealed together: half a second of nothing but sound, far less of a picture. */
const CHUNK_BYTES = 4096
const STALLED_MS = 10_000
