/**
 * Frame encryption of one session in a room: the object that senders and receivers are protected by.
 *
 * @module
 */
import { Emitter, systemClock, WorkerStart } from '@conclave/base'
import { webCrypto } from '@conclave/crypto'
import type { ParticipantId } from '@conclave/wire'
import type { MediaError } from '../errors.ts'
import type {
  FrameCryptoEvents,
  FrameCryptoOptions,
  ProfiledFrameCryptoOptions,
  ProtectedConnection,
} from './frame-crypto-options.ts'
import type { FormatProfile, ProfileKeys } from './frame-profile.ts'
import { checkServerFrames } from '../shared/server-frames.ts'
import { sumStats } from './media-stats.ts'
import type { MediaStats } from './media-stats.ts'
import { requireApi, unsignable } from './preconditions.ts'
import { ProtectedTracks } from './protected-tracks.ts'
import { createSFrameProfile } from './sframe-profile.ts'
import { Watchdog } from './watchdog.ts'
import { WorkerLink } from './worker-link.ts'
import type { WorkerNotice } from './worker-link.ts'
import { WorkerPulse } from './worker-pulse.ts'

/** A direction that is no longer protected. spec M30 */
export type LostDirection = 'send' | 'receive'

/**
 * Seals the frames of senders and opens those of receivers, in its own worker. You must put a track on a
 * sender only after `protectSender` resolved, and protect a receiver within the `track` event. spec M18
 */
export class FrameCrypto {
  /** Spread it into every `RTCPeerConnection`'s configuration: it makes Chromium hold frames without a transform. */
  readonly connectionConfig: RTCConfiguration & { readonly encodedInsertableStreams: true } = {
    encodedInsertableStreams: true,
  }
  /** The only codecs that may be negotiated, lower-case mime types. */
  readonly codecs: { readonly audio: readonly string[]; readonly video: readonly string[] }
  /** Resolves when the worker runs and holds the first key; rejects with the reason why it never will. */
  readonly ready: Promise<void>
  readonly #options: FrameCryptoOptions | ProfiledFrameCryptoOptions
  readonly #profile: FormatProfile
  readonly #link: WorkerLink
  readonly #keys: ProfileKeys
  readonly #tracks: ProtectedTracks
  readonly #events = new Emitter<FrameCryptoEvents>()
  readonly #losses = new Emitter<{ readonly lost: { readonly direction: LostDirection } }>()
  readonly #lost = new Set<LostDirection>()
  #watchdog: Watchdog | undefined
  #pulse: WorkerPulse | undefined

  get [Symbol.toStringTag](): string {
    return 'FrameCrypto'
  }

  /**
   * @throws TypeError that names `keys`, `room`, `self`, `serverFrames` or `signedMedia`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`: the page is outside a secure context, for example
   * @throws MediaError `ERR_MEDIA_UNSUPPORTED`
   */
  constructor(options: FrameCryptoOptions | ProfiledFrameCryptoOptions) {
    const { clock = systemClock } = options
    checkServerFrames(options.serverFrames)
    if (options.profile && options.signedMedia !== undefined) throw unsignable()
    const profile = options.profile
      ? (options.profile as FormatProfile)
      : createSFrameProfile(options)
    this.#options = options
    this.#profile = profile
    this.codecs = profile.codecs
    // Later, in the export of a key, it would look like a key that is missing. spec K43
    webCrypto()
    const api = requireApi(options.api ?? 'auto')
    const start = new WorkerStart(options.createWorker ?? (() => profile.spawnWorker()))
    const link = new WorkerLink(start, {
      clock,
      entry: profile.workerEntry,
      onNotice: (notice) => this.#receive(notice),
      onFailure: (error) => this.#fail(error),
    })
    this.#link = link
    this.#tracks = new ProtectedTracks({
      clock,
      api,
      link,
      onState: (event) => this.#events.emit('state', event),
      onCleartextRisk: (event) => this.#events.emit('cleartext-risk', event),
      onLost: (side) => this.#lose(side === 'seal' ? 'send' : 'receive'),
    })
    this.#keys = profile.startKeys({
      self: options.self,
      link,
      clock,
      onSenderKey: () => this.#tracks.forceKeyFrames(),
      onNoKey: (error) => this.#events.emit('error', { error }),
    })
    this.ready = this.#start()
    // `protectSender` and `protectReceiver` reject too, so callers need not wait for `ready`.
    this.ready.catch(() => {})
  }

  /**
   * Seals what a sender sends from now on: the transform is set when this returns. Resolves when the worker has
   * confirmed it and holds the key. If it rejects you must not put a track on the sender. A sender that is protected
   * already carries the track that is named now; you must take the one before off it first. spec M56
   *
   * @throws MediaError (rejects) `ERR_MEDIA_ATTACH`, `ERR_MEDIA_NO_KEY`, `ERR_MEDIA_WORKER_START`,
   * `ERR_MEDIA_WORKER_FAILED`, `ERR_MEDIA_CLOSED`
   */
  async protectSender(
    sender: RTCRtpSender,
    { label, kind }: { readonly label: string; readonly kind: 'audio' | 'video' },
    { peer, connection }: ProtectedConnection,
  ): Promise<void> {
    const track = { participant: this.#options.self as ParticipantId, label, kind }
    await this.#tracks.protect({ side: 'seal', track, peer, connection, target: sender })
    await this.#keys.requireSenderKey()
  }

  /**
   * Opens what a receiver receives from the peer: the transform is set when this returns. If it rejects the
   * receiver's track is disabled. A receiver that is protected already is given to this peer and label: frames of the
   * track before are dropped, and its track is disabled until a frame of the new one has been opened. With
   * `encoded-streams` you must ask for a key frame of a video, which a media server does by itself. spec M56, M57
   *
   * @throws MediaError (rejects) `ERR_MEDIA_ATTACH`, `ERR_MEDIA_WORKER_START`, `ERR_MEDIA_WORKER_FAILED`,
   * `ERR_MEDIA_UNPROTECTED`, `ERR_MEDIA_CLOSED`
   */
  async protectReceiver(
    receiver: RTCRtpReceiver,
    { label, kind }: { readonly label: string; readonly kind: 'audio' | 'video' },
    { peer, connection }: ProtectedConnection,
  ): Promise<void> {
    try {
      const participant = this.#profile.checkPeer(peer, this.#options.self)
      const track = { participant, label, kind }
      await this.#tracks.protect({ side: 'open', track, peer, connection, target: receiver })
    } catch (error) {
      receiver.track.enabled = false
      throw error
    }
  }

  /**
   * Drops the frames of a protected sender or receiver until it is protected again: call it when the participant of a
   * receiver left, so that no failure is reported for it. spec M58
   */
  vacate(target: RTCRtpSender | RTCRtpReceiver): void {
    this.#tracks.vacate(target)
  }

  /** Describes the current key for receivers, as text for authenticated signalling. spec M17 */
  async describe(): Promise<string> {
    return this.#keys.describe()
  }

  /** Derives the key that another participant described, in advance; a malformed description changes nothing. */
  async prepare(peer: string, description: string): Promise<void> {
    this.#keys.prepare(peer, description)
  }

  /** Forgets a connection. Frames that its transforms still carry are dropped. */
  release(connection: RTCPeerConnection): void {
    this.#link.command({ type: 'detach', pipes: this.#tracks.release(connection) })
  }

  /** Counters since the start, of connections that were not released: in all, by participant, by track. */
  async stats(): Promise<MediaStats> {
    return sumStats(await this.#link.request({ type: 'read-counters' }))
  }

  /** Calls `handler` for each event of a type until the returned function is called. */
  on<T extends keyof FrameCryptoEvents>(
    type: T,
    handler: (event: FrameCryptoEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /**
   * Calls `handler` once for each direction that is no longer protected: frames of it went past the worker, or the worker
   * failed. At once, if that is so already. You must attach nothing of this direction again, to no sender and from no receiver,
   * and should close its connections; only another `FrameCrypto` protects again. spec M30
   */
  onLost(handler: (direction: LostDirection) => void): () => void {
    for (const direction of this.#lost) handler(direction)
    return this.#losses.on('lost', ({ direction }) => handler(direction))
  }

  /** Stops every track it protected, then ends the worker and with it all keys. Can be called again. */
  async close(): Promise<void> {
    this.#end()
    this.#link.close()
    this.#lose('send')
    this.#lose('receive')
    await this.#tracks.stop()
    this.#events.clear()
    this.#losses.clear()
  }

  async #start(): Promise<void> {
    const { suite, serverFrames } = this.#options
    const { choices, signing } = this.#profile
    await this.#link.start(suite ?? 4, { choices, serverFrames, signing })
    const { clock = systemClock } = this.#options
    // Only now: a worker that is still being loaded is silent for good reason.
    this.#watchdog = new Watchdog({
      clock,
      targets: () => this.#tracks.targets(),
      readCounters: () => this.#link.request({ type: 'read-counters' }),
      onMismatch: (target) => this.#tracks.stopSide(target),
      onStill: ({ pipes }) => {
        for (const pipe of pipes) this.#link.command({ type: 'ask-key-frame', pipe })
      },
    })
    this.#pulse = new WorkerPulse({
      clock,
      ask: () => this.#link.request({ type: 'ping' }),
      onSilence: () => this.#link.fail(),
    })
    await this.#keys.requireSenderKey()
  }

  #receive(notice: WorkerNotice): void {
    switch (notice.type) {
      case 'attached':
        return this.#tracks.confirm(notice.pipe)
      case 'first-frame':
        return this.#tracks.showFirstFrame(notice.pipe, notice.turn)
      case 'key-needed':
      case 'key-proven':
        return this.#keys.receive(notice)
      case 'codec-needed': {
        const { pipe } = notice
        const mimeType = this.#tracks.codecOf(pipe)
        return this.#link.command({ type: 'set-codec', pipe, mimeType })
      }
      case 'forged': {
        const { participant, label, kind } = notice
        return this.#tracks.stopForged({ participant, label, kind })
      }
      case 'state': {
        const { participant, label, kind, state, reason } = notice
        const report = reason === undefined ? { state } : { state, reason }
        return this.#tracks.report({ participant, label, kind }, report)
      }
    }
  }

  #fail(error: MediaError): void {
    this.#end()
    this.#tracks.fail()
    this.#lose('send')
    this.#lose('receive')
    this.#events.emit('failed', { error })
  }

  #lose(direction: LostDirection): void {
    if (this.#lost.has(direction)) return
    this.#lost.add(direction)
    this.#losses.emit('lost', { direction })
  }

  #end(): void {
    this.#watchdog?.close()
    this.#pulse?.close()
    this.#tracks.cancelConfirmations()
    this.#keys.close()
  }
}
