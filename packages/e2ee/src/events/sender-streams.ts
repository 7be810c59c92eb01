import { ReplayWindow } from '@conclave/base'
import { REPLAY_WINDOW } from '../core/replay-window.ts'
import { STREAM_RANDOM_BITS } from './event-counter.ts'

/** The newest streams of a sender that are remembered; older ones are replays. spec P40 */
export const MAX_REPLAY_STREAMS = 16

/** How far ahead of the receiver's clock a new stream may begin: a day, for clocks of another time zone. spec P57 */
export const MAX_STREAM_AHEAD_MS = 86_400_000

/** Why an event cannot be accepted. spec P40, P42, P57 */
export type ReplayRefusal = 'replay' | 'late' | 'ahead'

/** How a guard judges: its order, and its clock in milliseconds since 1970. */
export interface ReplayRules {
  readonly rising: boolean
  readonly now: number
}

/** The streams of one sender: a window for each of the newest, and a floor below which all are replays. */
export class SenderStreams {
  readonly windows: Map<number, ReplayWindow>
  #floor: number

  get [Symbol.toStringTag](): string {
    return 'SenderStreams'
  }

  constructor({
    floor,
    windows = new Map(),
  }: {
    readonly floor: number
    readonly windows?: Map<number, ReplayWindow>
  }) {
    this.#floor = floor
    this.windows = windows
  }

  /** Streams below it are replays. */
  get floor(): number {
    return this.#floor
  }

  /** The highest stream that was seen, or the one before the floor. */
  get newest(): number {
    let newest = this.#floor - 1
    for (const stream of this.windows.keys()) if (stream > newest) newest = stream
    return newest
  }

  get #oldest(): number {
    return Math.min(...this.windows.keys())
  }

  /** Why an event would be refused now; `undefined` when it would not. Changes nothing. */
  refusalOf(stream: number, sequence: number, rules: ReplayRules): ReplayRefusal | undefined {
    const window = this.windows.get(stream)
    if (window === undefined) {
      const isFull = this.windows.size >= MAX_REPLAY_STREAMS
      if (stream < this.#floor || (isFull && stream < this.#oldest)) return 'replay'
      if (isAhead(stream, rules.now + MAX_STREAM_AHEAD_MS)) return 'ahead'
    } else if (!window.isFresh(sequence)) {
      return 'replay'
    }
    if (!rules.rising) return undefined
    // A stream that is ahead of the clock does not count as newer: its clock was wrong, or the receiver's is.
    const isOlder = [...this.windows].some(
      ([other, of]) =>
        other > stream && of.isFresh(ALL - 1) && !isAhead(other, rules.now + SLACK_MS),
    )
    return isOlder || sequence < (window?.state.highest ?? 0) ? 'late' : undefined
  }

  /** Remembers an event that is not refused. Returns by how many windows there are more. */
  accept(stream: number, sequence: number, { rising }: Pick<ReplayRules, 'rising'>): number {
    const before = this.windows.size
    this.windowOf(stream)?.accept(sequence)
    // What was ahead of the clock ends, or it would count as newer when its time comes.
    if (rising) {
      for (const [other, window] of this.windows) if (other > stream) window.raiseFloor(ALL)
    }
    return this.windows.size - before
  }

  /** The window of a stream, a new one if need be, for which the oldest one goes; `undefined` below the floor. */
  windowOf(stream: number): ReplayWindow | undefined {
    const known = this.windows.get(stream)
    if (known !== undefined || stream < this.#floor) return known
    const window = new ReplayWindow(REPLAY_WINDOW)
    this.windows.set(stream, window)
    if (this.windows.size > MAX_REPLAY_STREAMS) this.dropOldest()
    return this.windows.get(stream)
  }

  /** Forgets the oldest stream: it and all below it are replays from now on. */
  dropOldest(): void {
    this.raiseFloor(this.#oldest + 1)
  }

  /** Forgets all streams below. Never lowers the floor. */
  raiseFloor(floor: number): void {
    this.#floor = Math.max(this.#floor, floor)
    for (const stream of this.windows.keys()) if (stream < this.#floor) this.windows.delete(stream)
  }
}

/** Whether a stream begins after a time. spec P39 */
const isAhead = (stream: number, timeMs: number): boolean =>
  stream >= (Math.floor(timeMs / 1000) + 1) * 2 ** STREAM_RANDOM_BITS

/** How much two clocks that are right may differ. */
const SLACK_MS = 120_000

/** Above all sequences. */
const ALL: number = 2 ** 53
