/**
 * Notices that a data connection brings nothing to the other side any longer, seconds before the platform does. spec R221, R222
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** The needs of a {@link SilenceWatch}. */
export interface SilenceWatchOptions {
  readonly clock: Clock
  /** Whether the other side has ever answered: an older one never does, and says nothing by it. */
  readonly answers: () => boolean
  /** Puts a question to the other side, which may be lost. */
  readonly ask: (number: number) => void
  /** The connection is silent now, or is no longer. */
  readonly changed: () => void
}

/** The connection with one participant. It asks only while something may not have come. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions
  /** The questions whose answer says that everything came. */
  readonly #fresh = new Set<number>()
  #next = 0
  /** Questions since the last answer. */
  #asked = 0
  #answeredAtMs = 0
  #heardAtMs = 0
  #isSilent = false
  #timer: unknown

  constructor(options: SilenceWatchOptions) {
    this.#options = options
  }

  /** Whether nothing is to be sent in the connection. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  /** Asks now: the connection has just begun. */
  begin(): void {
    this.#start()
    this.#ask()
  }

  /** Something was sent that has to come. */
  sent(): void {
    this.#fresh.clear()
    if (this.#timer === undefined) this.#start()
  }

  /** Something came from the other side. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.now()
  }

  /** The other side answered the question with this number. */
  answered(number: number): void {
    this.heard()
    this.#asked = 0
    this.#answeredAtMs = this.#heardAtMs
    if (this.#fresh.has(number)) this.close()
    if (!this.#isSilent) return
    this.#isSilent = false
    this.#options.changed()
  }

  /** Asks no more until something is sent. */
  close(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #start(): void {
    this.#asked = 0
    this.#answeredAtMs = this.#options.clock.now()
    this.#heardAtMs = this.#answeredAtMs
    this.#schedule()
  }

  #schedule(): void {
    const { clock } = this.#options
    const pauseMs = this.#isSilent ? SILENT_PAUSE_MS : PAUSE_MS
    this.#timer = clock.setTimeout(() => this.#check(), pauseMs)
  }

  #check(): void {
    this.#timer = undefined
    const { answers, changed } = this.#options
    const isOver = this.#isOver()
    if (isOver && !answers()) return
    if (isOver && !this.#isSilent) {
      this.#isSilent = true
      changed()
    }
    this.#schedule()
    this.#ask()
  }

  #ask(): void {
    this.#next = (this.#next + 1) % 256
    this.#fresh.add(this.#next)
    this.#asked += 1
    this.#options.ask(this.#next)
  }

  #isOver(): boolean {
    // A page that was held up has to ask first.
    if (this.#asked < LEAST_QUESTIONS) return false
    const nowMs = this.#options.clock.now()
    return nowMs - this.#heardAtMs >= SILENCE_MS || nowMs - this.#answeredAtMs >= UNANSWERED_MS
  }
}

const PAUSE_MS = 500
const SILENT_PAUSE_MS = 1000
const LEAST_QUESTIONS = 3
/** A connection is silent when for so long nothing came at all. */
const SILENCE_MS = 2000
/** And when for so long no answer came, whatever else did: answers wait behind much data, and that is confirmed meanwhile. */
const UNANSWERED_MS = 5000
