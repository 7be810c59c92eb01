/**
 * Reports the problems of a room: not too often, and not before anybody listens. spec R32
 *
 * @module
 */
import { BoundedMap, type Clock } from '@conclave/base'
import type { RoomProblem } from '../problem.ts'

/** Holds problems until the first handler listens, and the same one back for a while. */
export class ProblemReporter {
  readonly #clock: Clock
  readonly #emit: (problem: RoomProblem) => void
  readonly #reportedAtMs = new BoundedMap<string, number>(MAX_REMEMBERED)
  #waiting: RoomProblem[] | undefined = []

  constructor(clock: Clock, emit: (problem: RoomProblem) => void) {
    this.#clock = clock
    this.#emit = emit
  }

  /** Something failed. */
  report(problem: RoomProblem): void {
    const nowMs = this.#clock.now()
    if (nowMs - (this.#reportedAtMs.get(problem.reason) ?? -Infinity) < REPEAT_MS) return
    this.#reportedAtMs.set(problem.reason, nowMs)
    if (this.#waiting === undefined) this.#emit(problem)
    else if (this.#waiting.length < MAX_REMEMBERED) this.#waiting.push(problem)
  }

  /** A handler listens: it hears what waited once the call that added it has returned. */
  listened(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    queueMicrotask(() => waiting.forEach((problem) => this.#emit(problem)))
  }
}

const REPEAT_MS = 10_000
const MAX_REMEMBERED = 16
