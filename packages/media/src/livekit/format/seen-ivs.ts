/**
 * The guard against replayed frames of a key: their IVs, and nothing else, tell frames apart. spec M81
 *
 * @module
 */

/**
 * Remembers which IVs were accepted under one key. An IV is read as three big-endian numbers: its stream, its time, and a mark
 * that tells frames of one time apart. Look with `isFresh` before opening, and call `accept` only afterwards.
 */
export class SeenIvs {
  /** The stream that was used last comes last. */
  readonly #openByName = new Map<number, SeenStream>()
  /** Of streams that went quiet only the last time is kept: they may go on, and nothing before it comes again. */
  readonly #lastByName = new Map<number, LastTime>()

  /** Whether a frame with this IV could be accepted now. Changes nothing. */
  isFresh(iv: Uint8Array, nowMs: number): boolean {
    const { name, time, mark } = readIv(iv)
    const open = this.#openByName.get(name)
    if (open) return open.isFresh({ time, mark, nowMs })
    const last = this.#lastByName.get(name)
    if (last) return isAhead(time, { last, nowMs })
    return this.#openByName.size + this.#lastByName.size < MAX_STREAMS
  }

  /** Whether this very IV was accepted a moment ago. */
  isRecent(iv: Uint8Array): boolean {
    const { name, time, mark } = readIv(iv)
    return this.#openByName.get(name)?.has(time, mark) ?? false
  }

  /** Accepts the IV of a frame that has authenticated; `false` if it is no longer fresh. */
  accept(iv: Uint8Array, nowMs: number): boolean {
    if (!this.isFresh(iv, nowMs)) return false
    const { name, time, mark } = readIv(iv)
    const stream = this.#openByName.get(name) ?? new SeenStream(this.#lastByName.get(name))
    stream.accept({ time, mark, nowMs })
    this.#lastByName.delete(name)
    this.#openByName.delete(name)
    this.#openByName.set(name, stream)
    if (this.#openByName.size > MAX_OPEN_STREAMS) this.#closeOldest()
    return true
  }

  #closeOldest(): void {
    for (const [name, { last }] of this.#openByName) {
      this.#openByName.delete(name)
      if (last) this.#lastByName.set(name, last)
      return
    }
  }
}

/** A frame's place in its stream. */
interface Place {
  readonly time: number
  readonly mark: number
  readonly nowMs: number
}

/** The newest accepted time of a stream, and when it was accepted. */
interface LastTime {
  readonly time: number
  readonly atMs: number
}

/** One stream: exact for its last frames, and closed for all before them. */
class SeenStream {
  #last: LastTime | undefined
  /** Times up to this one are refused. */
  #floor: number | undefined
  readonly #times = new Uint32Array(KEPT_FRAMES)
  readonly #marks = new Uint32Array(KEPT_FRAMES)
  #count = 0

  /** @param last of a stream that was closed and goes on */
  constructor(last?: LastTime) {
    this.#last = last
    this.#floor = last?.time
  }

  get last(): LastTime | undefined {
    return this.#last
  }

  isFresh({ time, mark, nowMs }: Place): boolean {
    if (!this.#last || isAhead(time, { last: this.#last, nowMs })) return true
    if (ticksBetween(this.#last.time, time) > 0) return false
    if (this.#floor !== undefined && ticksBetween(this.#floor, time) <= 0) return false
    return !this.has(time, mark)
  }

  /** Whether it is one of the last frames. */
  has(time: number, mark: number): boolean {
    const kept = Math.min(this.#count, KEPT_FRAMES)
    for (let at = 0; at < kept; at += 1) {
      if (this.#times[at] === time && this.#marks[at] === mark) return true
    }
    return false
  }

  accept({ time, mark, nowMs }: Place): void {
    const at = this.#count % KEPT_FRAMES
    if (this.#count >= KEPT_FRAMES) this.#raiseFloor(this.#times[at] ?? 0)
    this.#times[at] = time
    this.#marks[at] = mark
    this.#count += 1
    if (!this.#last || ticksBetween(this.#last.time, time) > 0) this.#last = { time, atMs: nowMs }
  }

  #raiseFloor(time: number): void {
    if (this.#floor === undefined || ticksBetween(this.#floor, time) > 0) this.#floor = time
  }
}

/**
 * Whether a time lies ahead of the last one, and not further than any clock of a codec runs meanwhile: times go round, and an old
 * one looks far ahead.
 */
function isAhead(
  time: number,
  { last, nowMs }: { readonly last: LastTime; readonly nowMs: number },
): boolean {
  const ticks = ticksBetween(last.time, time)
  return ticks > 0 && ticks <= SLACK_TICKS + (nowMs - last.atMs) * MAX_TICKS_PER_MS
}

/** Ticks from one time to another on a clock of 32 bits: between -2^31 and 2^31 - 1. */
const ticksBetween = (from: number, to: number): number => (to - from) | 0

function readIv(iv: Uint8Array): {
  readonly name: number
  readonly time: number
  readonly mark: number
} {
  const view = new DataView(iv.buffer, iv.byteOffset, iv.byteLength)
  return { name: view.getUint32(0), time: view.getUint32(4), mark: view.getUint32(8) }
}

/** Frames of a stream that may come in any order: 2.8 s of three layers at 60 a second. */
const KEPT_FRAMES = 512
/** Streams with their last frames in memory. */
const MAX_OPEN_STREAMS = 256
/** Streams of one key. Beyond them the frames of new ones are refused, until there is a new key. */
const MAX_STREAMS = 16_384
/** Twice the 90 kHz of video. */
const MAX_TICKS_PER_MS = 180
/** 10 s of video. */
const SLACK_TICKS = 900_000
