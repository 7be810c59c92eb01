/**
 * The pauses between questions, which follow the time that answers take: a session that repeats faster than it can be
 * answered has as many questions on their way as seconds, and all of them are answered. spec R27, R108
 *
 * @module
 */
import { type Backoff, backoffMs } from '@conclave/base'

/** The time between a question and its answer, as the last two answers showed it. */
export class RoundTrip {
  #last: number | undefined
  #before: number | undefined

  /** The shorter one of the last two; `undefined` before the first answer. A single late answer changes little. */
  get ms(): number | undefined {
    if (this.#last === undefined) return undefined
    return Math.min(this.#last, this.#before ?? this.#last)
  }

  /** An answer came after this time. */
  took(ms: number): void {
    this.#before = this.#last
    this.#last = ms
  }
}

/** The questions to one session that were not answered, and how long answers of it take. */
export class QuestionPace {
  readonly #session: RoundTrip
  readonly #own = new RoundTrip()
  /** Questions by their positions, oldest first. */
  #open: readonly { readonly sequence: number; readonly atMs: number }[] = []
  /** Since when an answer is waited for. */
  #waitsSinceMs: number | undefined

  /** @param session of answers of all others: it counts until this one answered */
  constructor(session: RoundTrip) {
    this.#session = session
  }

  /** How long an answer takes; 0 when nobody has answered. */
  get roundTripMs(): number {
    return Math.min(this.#own.ms ?? this.#session.ms ?? 0, LONGEST_ROUND_TRIP_MS)
  }

  /** How long an answer takes at least: before the first one, as long as it is waited for. */
  leastRoundTripMs(nowMs: number): number {
    const isKnown = (this.#own.ms ?? this.#session.ms) !== undefined
    return isKnown ? this.roundTripMs : nowMs - (this.#waitsSinceMs ?? nowMs)
  }

  /** An answer is waited for from now on, or from before. */
  waits(nowMs: number): void {
    this.#waitsSinceMs ??= nowMs
  }

  /** No answer is waited for. */
  rests(): void {
    this.#waitsSinceMs = undefined
  }

  /** The session introduced itself: its introductions name no question, so only a long wait says something. */
  introduced(nowMs: number): void {
    const waitedMs = nowMs - (this.#waitsSinceMs ?? nowMs)
    if (this.#own.ms === undefined && waitedMs > HASTE_MS) this.#own.took(waitedMs)
  }

  /** A question was sealed at this position of the direct stream. */
  asked(sequence: number, atMs: number): void {
    this.#open = [...this.#open, { sequence, atMs }].slice(-MAX_OPEN)
  }

  /** The other session has everything up to this question. */
  answered(sequence: number, nowMs: number): void {
    const newest = this.#open.findLast((question) => question.sequence <= sequence)
    if (newest === undefined) return
    this.#open = this.#open.filter((question) => question.sequence > sequence)
    this.#own.took(nowMs - newest.atMs)
    this.#session.took(nowMs - newest.atMs)
  }

  /**
   * How long to wait before the next question.
   *
   * @param question the number of the one before, from 1
   * @param random from 0 inclusive to 1 exclusive
   */
  pauseMs(question: number, random: number): number {
    const isPatient = question > QUESTIONS_IN_HASTE
    const pauseMs = isPatient
      ? backoffMs(question - QUESTIONS_IN_HASTE, { firstMs: LONGEST_PAUSE_MS, maxMs: PATIENCE_MS })
      : backoffMs(question - 1, QUESTION_PAUSE)
    const longestMs = Math.max(pauseMs, 2 * this.roundTripMs)
    // The first pauses are short enough: others that ask at the same time do so for a few seconds only.
    return longestMs <= LONGEST_PAUSE_MS ? longestMs : Math.round(longestMs * (1 - random / 4))
  }
}

/** The longest pause while answers come within half of it. */
export const LONGEST_PAUSE_MS = 1000
/** The pause after the first question, and how it grows. */
export const QUESTION_PAUSE: Backoff = { firstMs: 250, maxMs: LONGEST_PAUSE_MS }
/** From the next one on the pauses go on doubling: some deliveries may be lost, and not so many. */
const QUESTIONS_IN_HASTE = 6
/** How long they take. */
const HASTE_MS = 4000
const PATIENCE_MS = 8000
const LONGEST_ROUND_TRIP_MS = PATIENCE_MS / 2
const MAX_OPEN = 16
