/**
 * Frame encryption of one session in a room: the object that senders and receivers are protected by.
 *
 * @module
 */
import type { EpochEvent } from '@conclave/e2ee'
import { Emitter, systemClock } from '@conclave/base'
import { parseParticipantId } from '@conclave/wire'
import type { Clock } from '@conclave/base'
import { attachTransform } from './attach-transform.ts'
import type { TransformApi } from './attach-transform.ts'
import { singleCodec, SUPPORTED_CODECS } from '../codec/profile.ts'
import type { MediaError } from '../errors.ts'
import { encodeTrackLabel } from '../shared/track-label.ts'
import type {
  FrameCryptoEvents,
  FrameCryptoOptions,
  ProtectionContext,
} from './frame-crypto-options.ts'
import { KeyCourier } from './key-delivery.ts'
import { forceKeyFrame } from './key-frame.ts'
import { decodeKeyDescription, encodeKeyDescription } from './key-description.ts'
import { summarise } from './media-stats.ts'
import type { MediaStats } from './media-stats.ts'
import { PipeTable, stopPipe } from './pipe-table.ts'
import type { ProtectedPipe } from './pipe-table.ts'
import { attachFailed, requireApi, requireParticipant, startWorker } from './preconditions.ts'
import type { MediaSuiteId } from '../sframe/suite.ts'
import { spawnFrameWorker } from './spawn.ts'
import { StateBoard } from './track-state-merger.ts'
import type { TrackName } from './track-state-merger.ts'
import { Watchdog } from './watchdog.ts'
import { WorkerLink } from './worker-link.ts'
import type { WorkerNotice } from './worker-link.ts'

/**
 * Seals what senders send and opens what receivers receive, in a worker of its own. You must put a track on a
 * sender only after `protectSender` resolved, and protect a receiver within the `track` event (spec M18).
 */
export class FrameCrypto {
  /** Spread it into every `RTCPeerConnection`'s configuration: it makes Chromium hold frames without a transform. */
  readonly connectionConfig: RTCConfiguration & { readonly encodedInsertableStreams: true } = {
    encodedInsertableStreams: true,
  }
  /** The only codecs that may be negotiated, lower-case mime types. */
  readonly codecs: { readonly audio: readonly string[]; readonly video: readonly string[] } =
    SUPPORTED_CODECS
  /** Resolves when the worker runs and holds the first key; rejects with the reason why it never will. */
  readonly ready: Promise<void>
  readonly #options: FrameCryptoOptions
  readonly #api: TransformApi
  readonly #suite: MediaSuiteId
  readonly #clock: Clock
  readonly #link: WorkerLink
  readonly #courier: KeyCourier
  readonly #pipes: PipeTable
  readonly #events = new Emitter<FrameCryptoEvents>()
  readonly #states = new StateBoard((event) => this.#events.emit('state', event))
  readonly #graceTimers = new Set<unknown>()
  readonly #unsubscribe: readonly (() => void)[]
  #watchdog: Watchdog | undefined

  /** @throws MediaError `ERR_MEDIA_UNSUPPORTED`, `ERR_MEDIA_WORKER_START` */
  constructor(options: FrameCryptoOptions) {
    const { keys, room, self, suite = 4, clock = systemClock } = options
    this.#options = options
    this.#suite = suite
    this.#clock = clock
    this.#api = requireApi(options.api ?? 'auto')
    this.#pipes = new PipeTable(clock)
    this.#link = new WorkerLink(startWorker(options.createWorker ?? spawnFrameWorker), {
      clock,
      onNotice: (notice) => this.#notice(notice),
      onFailure: (error) => this.#fail(error),
    })
    this.#courier = new KeyCourier({ keys, room, self, suite, link: this.#link })
    this.#unsubscribe = [
      keys.on('epochChanged', (event) => this.#changeEpoch(event)),
      keys.on('epochAdded', () => this.#link.command({ type: 'epoch-changed' })),
      keys.on('epochRetired', ({ epoch, sender }) =>
        this.#courier.retire({ first: epoch, last: epoch }, sender),
      ),
    ]
    this.ready = this.#start()
    // Whoever protects a track hears of it; nobody has to wait for `ready`.
    this.ready.catch(() => {})
  }

  /**
   * Seals what a sender sends from now on: the transform is set when this returns. Resolves when the worker has
   * confirmed it and holds the key. If it rejects you must not put a track on the sender.
   *
   * @throws MediaError (rejects) `ERR_MEDIA_ATTACH`, `ERR_MEDIA_NO_KEY`, `ERR_MEDIA_WORKER_START`,
   * `ERR_MEDIA_WORKER_FAILED`, `ERR_MEDIA_CLOSED`
   */
  async protectSender(
    sender: RTCRtpSender,
    track: { readonly label: string; readonly kind: 'audio' | 'video' },
    context: ProtectionContext,
  ): Promise<void> {
    const participant = this.#options.self
    const pipe = this.#attach({ ...track, ...context, side: 'seal', participant, target: sender })
    await this.#confirm(pipe)
    await this.#courier.senderKid()
  }

  /**
   * Opens what a receiver receives from `context.peer`: the transform is set when this returns. If it rejects the
   * receiver's track is disabled.
   *
   * @throws MediaError (rejects) `ERR_MEDIA_ATTACH`, `ERR_MEDIA_WORKER_START`, `ERR_MEDIA_WORKER_FAILED`,
   * `ERR_MEDIA_CLOSED`
   */
  async protectReceiver(
    receiver: RTCRtpReceiver,
    track: { readonly label: string; readonly kind: 'audio' | 'video' },
    context: ProtectionContext,
  ): Promise<void> {
    try {
      const participant = requireParticipant(context.peer, this.#options.self)
      await this.#confirm(
        this.#attach({ ...track, ...context, side: 'open', participant, target: receiver }),
      )
    } catch (error) {
      receiver.track.enabled = false
      throw error
    }
  }

  /** Announces the current key to receivers, as text for authenticated signalling (spec M17). */
  async describe(): Promise<string> {
    return encodeKeyDescription(await this.#courier.senderKid(), this.#suite)
  }

  /** Takes another participant's announcement; one that makes no sense changes nothing. */
  async prepare(peer: string, description: string): Promise<void> {
    const participant = parseParticipantId(peer)
    const kid = decodeKeyDescription(description, this.#suite)
    if (participant === undefined || kid === undefined) return
    this.#link.command({ type: 'prepare', participant, kid })
  }

  /** Forgets a connection. What its transforms still carry is dropped. */
  release(connection: RTCPeerConnection): void {
    const released = this.#pipes.remove(connection)
    for (const { pipe, track } of released) this.#states.remove(track, pipe)
    this.#link.command({ type: 'detach', pipes: released.map(({ pipe }) => pipe) })
  }

  /** Counters since the start, of connections that were not released: in all, by participant, by track. */
  async stats(): Promise<MediaStats> {
    return summarise(await this.#link.request({ type: 'read-counters' }))
  }

  /** Calls `handler` for each event of a type until the returned function is called. */
  on<T extends keyof FrameCryptoEvents>(
    type: T,
    handler: (event: FrameCryptoEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /** Stops every track it protected, then ends the worker and with it all keys. Can be called again. */
  async close(): Promise<void> {
    this.#end()
    this.#link.close()
    await Promise.all(Array.from(this.#pipes, stopPipe))
    this.#events.clear()
  }

  async #start(): Promise<void> {
    await this.#link.start(this.#suite)
    // Not before: a worker that is still being loaded is silent for good reason.
    this.#watchdog = new Watchdog({
      clock: this.#clock,
      targets: () => this.#pipes.targets(),
      readCounters: () => this.#link.request({ type: 'read-counters' }),
      onMismatch: ({ pipes }) => this.#stopMismatching(pipes),
      onSilence: () => this.#link.fail(),
    })
    await this.#courier.senderKid()
  }

  #attach(request: Omit<ProtectedPipe, 'pipe' | 'track'> & TrackName): ProtectedPipe {
    if (this.#link.failure) throw this.#link.failure
    const { label, kind, side, participant } = request
    encodeTrackLabel(label)
    const pipe = this.#pipes.add({ ...request, track: { participant, label, kind } })
    this.#states.add(pipe.track, pipe.pipe)
    try {
      const options = { pipe: pipe.pipe, side, participant, label, kind }
      attachTransform(request.target, { api: this.#api, link: this.#link, options })
    } catch (cause) {
      throw attachFailed(label, cause)
    }
    return pipe
  }

  /** Waits for the worker to confirm a transform, at most 10 s. */
  async #confirm(pipe: ProtectedPipe): Promise<void> {
    const isConfirmed = await this.#pipes.confirmation(pipe.pipe)
    if (this.#link.failure) throw this.#link.failure
    if (!isConfirmed) throw attachFailed(pipe.track.label)
  }

  #notice(notice: WorkerNotice): void {
    switch (notice.type) {
      case 'attached':
        return this.#pipes.confirm(notice.pipe)
      case 'key-needed':
        return void this.#courier.answer(notice.participant, notice.kid)
      case 'key-proven':
        return this.#options.keys.confirm(notice.epoch, notice.participant)
      case 'codec-needed': {
        const codecs = this.#pipes.find(notice.pipe)?.target.getParameters().codecs ?? []
        const mimeType = singleCodec(codecs)
        return this.#link.command({ type: 'set-codec', pipe: notice.pipe, mimeType })
      }
      case 'state': {
        const { participant, label, kind, state, reason } = notice
        const report = reason === undefined ? { state } : { state, reason }
        return this.#states.report({ participant, label, kind }, report)
      }
    }
  }

  #changeEpoch({ epoch, sender }: EpochEvent): void {
    this.#link.command({ type: 'epoch-changed' })
    const timer = this.#clock.setTimeout(() => {
      this.#graceTimers.delete(timer)
      this.#courier.retire({ first: 0n, last: epoch - 1n }, sender)
    }, EPOCH_GRACE_MS)
    this.#graceTimers.add(timer)
    if (sender !== undefined && sender !== this.#options.self) return
    // Without a key nothing is sealed, and the tracks' states say so.
    this.#courier.senderKid().then(
      () => this.#forceKeyFrames(),
      () => {},
    )
  }

  #forceKeyFrames(): void {
    for (const { pipe, target, side, track } of this.#pipes) {
      if (side !== 'seal' || track.kind !== 'video') continue
      forceKeyFrame(target as RTCRtpSender, { link: this.#link, pipe }).catch(() => {})
    }
  }

  #stopMismatching(pipes: readonly number[]): void {
    for (const id of pipes) {
      const pipe = this.#pipes.find(id)
      if (!pipe) continue
      void stopPipe(pipe)
      if (!this.#pipes.markStopped(id)) continue
      const state = pipe.side === 'seal' ? 'EncryptionFailed' : 'DecryptionFailed'
      this.#states.fail({ ...pipe.track, pipe: id }, { state, reason: 'cleartext-risk' })
      const { side, peer, track } = pipe
      this.#events.emit('cleartext-risk', { ...track, side, peer })
    }
  }

  #fail(error: MediaError): void {
    this.#end()
    for (const pipe of this.#pipes) {
      void stopPipe(pipe)
      const report = { state: 'InternalError', reason: 'worker-failed' } as const
      this.#states.fail({ ...pipe.track, pipe: pipe.pipe }, report)
    }
    this.#events.emit('failed', { error })
  }

  #end(): void {
    this.#watchdog?.close()
    this.#pipes.cancelConfirmations()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    for (const timer of this.#graceTimers) this.#clock.clearTimeout(timer)
    this.#graceTimers.clear()
  }
}

/** How long earlier epochs are still opened. Key sources may end them sooner (spec M15). */
export const EPOCH_GRACE_MS = 10_000
