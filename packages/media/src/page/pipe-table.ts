/**
 * The page's list of transforms: the sender or receiver of each, and whether the worker has confirmed it.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { TrackName } from '../shared/track-name.ts'
import type { WatchedTarget } from './watchdog.ts'

/** One transform on a sender or receiver. */
export interface ProtectedPipe {
  readonly pipe: number
  readonly side: 'seal' | 'open'
  readonly track: TrackName
  readonly peer: string
  readonly connection: RTCPeerConnection
  readonly target: RTCRtpSender | RTCRtpReceiver
}

/** Every transform until its connection is released. */
export class PipeTable {
  readonly #clock: Clock
  readonly #entryById = new Map<number, Entry>()
  readonly #watchedByTarget = new Map<RTCRtpSender | RTCRtpReceiver, Watched>()
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Adds a transform and starts to wait for its confirmation. */
  add(pipe: Omit<ProtectedPipe, 'pipe'>): ProtectedPipe {
    const { side, track, peer, connection, target } = pipe
    this.#next += 1
    const added = { pipe: this.#next, side, track, peer, connection, target }
    const entry = createEntry(added)
    const timer = this.#clock.setTimeout(() => entry.settle(false), CONFIRM_TIMEOUT_MS)
    void entry.confirmation.then(() => this.#clock.clearTimeout(timer))
    this.#entryById.set(added.pipe, entry)
    const watched = this.#watchedByTarget.get(target)
    if (watched) watched.pipes.push(added.pipe)
    else {
      const getStats = (): Promise<RTCStatsReport> => target.getStats()
      const { kind } = track
      this.#watchedByTarget.set(target, { side, kind, pipes: [added.pipe], getStats })
    }
    return added
  }

  /** The worker has the transform. */
  confirm(pipe: number): void {
    this.#entryById.get(pipe)?.settle(true)
  }

  /** `true` once confirmed; `false` if that took more than 10 s, or was cancelled. */
  confirmation(pipe: number): Promise<boolean> {
    return this.#entryById.get(pipe)?.confirmation ?? Promise.resolve(false)
  }

  /** The worker is gone: nothing more will be confirmed. */
  cancelConfirmations(): void {
    for (const entry of this.#entryById.values()) entry.settle(false)
  }

  /** The transform with this number. */
  find(pipe: number): ProtectedPipe | undefined {
    return this.#entryById.get(pipe)?.pipe
  }

  /** The newest transform of a sender or receiver that was not refused. */
  findOn(target: RTCRtpSender | RTCRtpReceiver): ProtectedPipe | undefined {
    const pipes = this.#watchedByTarget.get(target)?.pipes ?? []
    const entries = pipes.map((pipe) => this.#entryById.get(pipe))
    return entries.filter((entry) => entry?.isRefused === false).at(-1)?.pipe
  }

  /** The transform could not be set, or was not confirmed: the next protection of its target sets another one. */
  refuse(pipe: number): void {
    const entry = this.#entryById.get(pipe)
    if (entry) entry.isRefused = true
  }

  /** The transform carries another track, or none. Answers its turn, which rises. spec M56 */
  repoint(pipe: number, to?: { readonly track: TrackName; readonly peer: string }): number {
    const entry = this.#entryById.get(pipe)
    if (!entry) return 0
    if (to) entry.pipe = { ...entry.pipe, track: to.track, peer: to.peer }
    entry.isVacant = to === undefined
    entry.turn += 1
    return entry.turn
  }

  /** Whether a transform carries no track now. */
  isVacant(pipe: number): boolean {
    return this.#entryById.get(pipe)?.isVacant ?? true
  }

  /** Whether this is the transform's present turn. */
  isTurn(pipe: number, turn: number): boolean {
    return this.#entryById.get(pipe)?.turn === turn
  }

  /** Marks a transform's track as stopped; `true` the first time. */
  markStopped(pipe: number): boolean {
    const entry = this.#entryById.get(pipe)
    if (!entry || entry.isStopped) return false
    entry.isStopped = true
    return true
  }

  /** Removes a connection's transforms, and returns them. */
  remove(connection: RTCPeerConnection): readonly ProtectedPipe[] {
    const removed = Array.from(this).filter((pipe) => pipe.connection === connection)
    for (const { pipe, target } of removed) {
      this.#entryById.get(pipe)?.settle(false)
      this.#entryById.delete(pipe)
      this.#watchedByTarget.delete(target)
    }
    return removed
  }

  /** The senders and receivers that the watchdog watches. */
  targets(): Iterable<WatchedTarget> {
    return this.#watchedByTarget.values()
  }

  *[Symbol.iterator](): Generator<ProtectedPipe> {
    for (const { pipe } of this.#entryById.values()) yield pipe
  }
}

interface Entry {
  pipe: ProtectedPipe
  /** How many times it was pointed at another track. */
  turn: number
  /** Whether it could not be set, or was not confirmed. */
  isRefused: boolean
  isVacant: boolean
  readonly confirmation: Promise<boolean>
  readonly settle: (isConfirmed: boolean) => void
  isStopped: boolean
}

type Watched = WatchedTarget & { readonly pipes: number[] }

const createEntry = (pipe: ProtectedPipe): Entry => {
  let settle: (isConfirmed: boolean) => void = () => {}
  const confirmation = new Promise<boolean>((resolve) => {
    settle = resolve
  })
  return {
    pipe,
    turn: 0,
    isRefused: false,
    isVacant: false,
    confirmation,
    settle,
    isStopped: false,
  }
}

const CONFIRM_TIMEOUT_MS = 10_000
