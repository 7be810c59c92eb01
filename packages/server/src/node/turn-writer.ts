import { monotonicTime } from '@conclave/base'
import { Batch } from './batch.ts'
import type { Message } from './batch.ts'

/**
 * Writes once a turn of the event loop to each connection: what was sent to it in the turn, in that order. Connections that were sent the
 * same share one buffer, so that a message to a whole room is framed once and each of its connections costs one write. spec H50
 */
export class TurnWriter {
  readonly #onWritten: (ms: number) => void
  readonly #empty = new Batch()
  #waiting: TurnQueue[] = []
  readonly #turn: Turn = {
    empty: this.#empty,
    begin: (queue) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push(queue)
    },
  }

  /** @param onWritten says how long the writes of a turn took */
  constructor(onWritten: (ms: number) => void = () => {}) {
    this.#onWritten = onWritten
  }

  /** The queue of a connection, whose `write` takes whole frames, and drops them when it is no longer open. */
  queue(sink: FrameSink): TurnQueue {
    return new TurnQueue(sink, this.#turn)
  }

  #flush(): void {
    const startedMs = monotonicTime()
    const waiting = this.#waiting
    this.#waiting = []
    for (const queue of waiting) queue.end()
    this.#empty.forget()
    this.#onWritten(monotonicTime() - startedMs)
  }
}

/** The place where frames go, which drops them when it is no longer open. */
export interface FrameSink {
  write(frames: Buffer): void
}

/** The messages that one connection is sent in this turn. */
export class TurnQueue {
  readonly #sink: FrameSink
  readonly #turn: Turn
  #batch: Batch
  #isWaiting = false

  constructor(sink: FrameSink, turn: Turn) {
    this.#sink = sink
    this.#turn = turn
    this.#batch = turn.empty
  }

  /** How many bytes wait for the end of the turn. */
  get bytes(): number {
    return this.#batch.bytes
  }

  /** Sends at the end of the turn, or at once when much waits: a queue shows then how much the client has taken. */
  send(message: Message): void {
    if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#turn.begin(this)
    }
    this.#batch = this.#batch.with(message)
    if (this.#batch.bytes > MAX_WAITING_BYTES) this.flush()
  }

  /** Sends what waits: before anything that is written past this queue. */
  flush(): void {
    const batch = this.#batch
    if (batch.bytes === 0) return
    this.drop()
    this.#sink.write(batch.frames)
  }

  /** Forgets what waits. */
  drop(): void {
    this.#batch = this.#turn.empty
  }

  /** The turn is over. */
  end(): void {
    this.#isWaiting = false
    this.flush()
  }
}

interface Turn {
  readonly empty: Batch
  /** A queue has messages for the end of the turn. */
  begin(queue: TurnQueue): void
}

/** More is not held back until the end of a turn. */
const MAX_WAITING_BYTES = 65_536
