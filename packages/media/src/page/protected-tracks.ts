/**
 * The protected tracks of a session: their transforms, their states, and how they are stopped.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { singleCodec } from '../codec/negotiable.ts'
import type { StateReport } from '../shared/e2ee-state.ts'
import { encodeTrackLabel } from '../shared/track-name.ts'
import type { TrackName } from '../shared/track-name.ts'
import { MediaError } from '../errors.ts'
import { attachTransform } from './attach-transform.ts'
import type { TransformApi } from './attach-transform.ts'
import type { CleartextRiskEvent } from './frame-crypto-options.ts'
import { forceKeyFrame } from './key-frame.ts'
import { PipeTable } from './pipe-table.ts'
import type { ProtectedPipe } from './pipe-table.ts'
import { attachFailed } from './preconditions.ts'
import { TrackCovers } from './track-covers.ts'
import { TrackStateMerger } from './track-state-merger.ts'
import type { StateEvent } from './track-state-merger.ts'
import type { WatchedTarget } from './watchdog.ts'
import type { WorkerLink } from './worker-link.ts'

/** The worker and how it is reached, and the callbacks. */
export interface ProtectedTracksOptions {
  readonly clock: Clock
  readonly api: TransformApi
  readonly link: WorkerLink
  onState(event: StateEvent): void
  onCleartextRisk(event: CleartextRiskEvent): void
  /** Called once for a side of which nothing is attached again. */
  onLost(side: PipeSide): void
}

/** Every protected track until its connection is released. */
export class ProtectedTracks {
  readonly #options: ProtectedTracksOptions
  readonly #pipes: PipeTable
  readonly #states: TrackStateMerger
  /** The sides of which frames went past the worker: nothing of them is attached again. spec M30 */
  readonly #lostSides = new Set<PipeSide>()
  readonly #covers: TrackCovers
  /** The worker no longer opens these. spec M95 */
  readonly #forged = new Set<string>()

  constructor(options: ProtectedTracksOptions) {
    this.#options = options
    this.#pipes = new PipeTable(options.clock)
    this.#states = new TrackStateMerger((event) => options.onState(event))
    this.#covers = new TrackCovers(options.clock)
  }

  /**
   * Sets the transform of a sender or receiver before it returns, or points the one that it has at this track. Resolves
   * when the worker has confirmed it.
   *
   * @throws MediaError (rejects) `ERR_MEDIA_ATTACH`, `ERR_MEDIA_UNPROTECTED`, and the failure of the worker
   */
  async protect(request: Request): Promise<void> {
    const { api, link } = this.#options
    const { side, track, target } = request
    encodeTrackLabel(track.label)
    const known = this.#pipes.findOn(target)
    if (known) return this.#repoint(known, request)
    const added = this.#pipes.add(request)
    const { pipe } = added
    this.#states.add(track, pipe)
    this.#requireProtection(added)
    try {
      attachTransform(target, { api, link, options: { pipe, side, ...track } })
    } catch (cause) {
      this.#refuse(pipe, track)
      throw attachFailed(track.label, cause)
    }
    this.#coverForged(added)
    await this.#requireConfirmation(added)
  }

  /** Drops what a sender or receiver carries until it is protected again. spec M58 */
  vacate(target: RTCRtpSender | RTCRtpReceiver): void {
    const known = this.#pipes.findOn(target)
    if (!known || this.#pipes.isVacant(known.pipe)) return
    this.#states.remove(known.track, known.pipe)
    this.#point(known, undefined).catch(() => {})
  }

  /** The worker has confirmed a transform. */
  confirm(pipe: number): void {
    this.#pipes.confirm(pipe)
  }

  /** The first frame passed since a transform was pointed at its track. spec M57 */
  showFirstFrame(pipe: number, turn: number): void {
    const found = this.#pipes.find(pipe)
    if (found?.side !== 'open' || !this.#pipes.isTurn(pipe, turn)) return
    this.#covers.reveal(found.target as RTCRtpReceiver)
  }

  /** The worker reports the state of a track. */
  report(track: TrackName, report: StateReport): void {
    this.#states.report(track, report)
  }

  /** The codec that was negotiated for a transform's track; `undefined` if that is not exactly one. */
  codecOf(pipe: number): string | undefined {
    return singleCodec(this.#pipes.find(pipe)?.target.getParameters().codecs ?? [])
  }

  /** The senders and receivers that the watchdog watches. */
  targets(): Iterable<WatchedTarget> {
    return this.#pipes.targets()
  }

  /** Asks the encoders of all sealed video for key frames. */
  forceKeyFrames(): void {
    const { link, clock } = this.#options
    for (const { pipe, target, side, track } of this.#pipes) {
      if (side !== 'seal' || track.kind !== 'video') continue
      forceKeyFrame(target as RTCRtpSender, { link, pipe, clock }).catch(() => {})
    }
  }

  /** Forgets a connection; returns its transforms. */
  release(connection: RTCPeerConnection): readonly number[] {
    const released = this.#pipes.remove(connection)
    for (const { pipe, track, target } of released) {
      this.#states.remove(track, pipe)
      this.#covers.forget(target as RTCRtpReceiver)
    }
    return released.map(({ pipe }) => pipe)
  }

  /**
   * Frames went past the transforms of a target: stops all tracks of its side, closes all connections that receive if that
   * is the side, and reports each transform once. spec M23, M24, M30
   */
  stopSide({ side }: WatchedTarget): void {
    const isFirst = !this.#lostSides.has(side)
    this.#lostSides.add(side)
    for (const pipe of this.#pipes) {
      if (pipe.side !== side) continue
      this.#stop(pipe)
      // A disabled track goes on being decoded, and so does that of a transceiver that is stopped on one side only.
      if (side === 'open') pipe.connection.close()
      if (!this.#pipes.markStopped(pipe.pipe)) continue
      const { peer, track } = pipe
      this.#states.fail({ ...track, pipe: pipe.pipe }, LOST[side])
      this.#options.onCleartextRisk({ ...track, side, peer })
    }
    if (isFirst) this.#options.onLost(side)
  }

  /** A participant's track had frames that it did not sign: the last one of them is not shown any longer. spec M95 */
  stopForged(track: TrackName): void {
    this.#forged.add(nameOf(track))
    for (const pipe of this.#pipes) if (!this.#pipes.isVacant(pipe.pipe)) this.#coverForged(pipe)
  }

  /** Stops every track because the worker has failed, those that come later too. spec M21 */
  fail(): void {
    for (const pipe of this.#pipes) {
      this.#stop(pipe)
      const report = { state: 'InternalError', reason: 'worker-failed' } as const
      this.#states.fail({ ...pipe.track, pipe: pipe.pipe }, report)
    }
  }

  /** Ends the waiting for confirmations: none will come. */
  cancelConfirmations(): void {
    this.#pipes.cancelConfirmations()
  }

  /** Stops every track. */
  async stop(): Promise<void> {
    this.#covers.close()
    await Promise.all(Array.from(this.#pipes, stopTrack))
  }

  /** Points a transform at another track: streams exist once, and so do transforms. spec M56 */
  async #repoint(known: ProtectedPipe, { track, peer, target }: Request): Promise<void> {
    const { pipe } = known
    const isCarried = !this.#pipes.isVacant(pipe)
    if (isCarried && isSameTrack(track, known.track)) return this.#requireConfirmation(known)
    if ('replaceTrack' in target && target.track !== null) {
      throw attachFailed(track.label, new Error('its sender has a track'))
    }
    if (isCarried) this.#states.remove(known.track, pipe)
    this.#states.add(track, pipe)
    await this.#point(known, { track, peer })
  }

  async #point(
    known: ProtectedPipe,
    to: Pick<Request, 'track' | 'peer'> | undefined,
  ): Promise<void> {
    const { pipe, side, target } = known
    const turn = this.#pipes.repoint(pipe, to)
    const pointed = { ...known, ...to }
    this.#requireProtection(pointed)
    if (side === 'open') this.#covers.cover(target as RTCRtpReceiver)
    if (to) this.#coverForged(pointed)
    // Messages may overtake the transform on its way to the worker.
    await this.#requireConfirmation(pointed)
    await this.#options.link.request({ type: 'repoint', pipe, track: to?.track, turn })
  }

  /** Refuses what can no longer be protected. spec M21, M30 */
  #requireProtection(pipe: ProtectedPipe): void {
    const { side, track, connection } = pipe
    if (this.#options.link.failure) this.fail()
    this.#requireWorker()
    if (!this.#lostSides.has(side)) return
    this.#stop(pipe)
    if (side === 'open') connection.close()
    this.#states.fail({ ...track, pipe: pipe.pipe }, LOST[side])
    throw unprotected(side)
  }

  async #requireConfirmation({ pipe, side, track }: ProtectedPipe): Promise<void> {
    const isConfirmed = await this.#pipes.confirmation(pipe)
    this.#requireWorker()
    if (this.#lostSides.has(side)) throw unprotected(side)
    if (isConfirmed) return
    this.#refuse(pipe, track)
    throw attachFailed(track.label)
  }

  #coverForged({ pipe, side, track, target }: ProtectedPipe): void {
    if (side !== 'open' || !this.#forged.has(nameOf(track))) return
    this.#covers.cover(target as RTCRtpReceiver)
    this.#states.fail({ ...track, pipe }, NOT_SIGNED)
  }

  #refuse(pipe: number, track: TrackName): void {
    this.#pipes.refuse(pipe)
    this.#states.fail({ ...track, pipe }, NOT_ATTACHED)
  }

  #stop(pipe: ProtectedPipe): void {
    this.#covers.forget(pipe.target as RTCRtpReceiver)
    void stopTrack(pipe)
  }

  #requireWorker(): void {
    const { failure } = this.#options.link
    if (failure) throw failure
  }
}

type PipeSide = ProtectedPipe['side']

const LOST = {
  seal: { state: 'EncryptionFailed', reason: 'cleartext-risk' },
  open: { state: 'DecryptionFailed', reason: 'cleartext-risk' },
} as const

const unprotected = (side: PipeSide): MediaError<'ERR_MEDIA_UNPROTECTED'> =>
  new MediaError('ERR_MEDIA_UNPROTECTED', { side })

type Request = Omit<ProtectedPipe, 'pipe'>

const isSameTrack = (a: TrackName, b: TrackName): boolean =>
  a.participant === b.participant && a.label === b.label && a.kind === b.kind

const nameOf = ({ participant, label }: TrackName): string => `${participant}/${label}`

const NOT_SIGNED = { state: 'DecryptionFailed', reason: 'not-signed' } as const
const NOT_ATTACHED = { state: 'InternalError', reason: 'not-attached' } as const

/** Takes the track off a sender, or disables a received one. The transform stays where it is. */
async function stopTrack({
  target,
  connection,
}: Pick<ProtectedPipe, 'target' | 'connection'>): Promise<void> {
  if (!('replaceTrack' in target)) {
    target.track.enabled = false
    return
  }
  const { track } = target
  await target.replaceTrack(null).catch(() => {
    // On a closed connection nothing is sent, and the track may be in use elsewhere.
    if (track && connection.connectionState !== 'closed') track.enabled = false
  })
}
