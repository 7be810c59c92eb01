import { decodeText, ReplayWindow, textToBytes } from '@conclave/base'
import { REPLAY_WINDOW } from '../core/replay-window.ts'
import { MAX_NAME_BYTES, MAX_REPLAY_SENDERS } from './event-header.ts'
import type { EventHeader } from './event-header.ts'
import { decodeWindow, mergeWindow, SAVED_WINDOW_BYTES, writeWindow } from './saved-window.ts'

/** The newest streams of a sender that are remembered; older ones are replays. spec P40 */
export const MAX_REPLAY_STREAMS = 4

/** Identifies an event among all of its sender. */
export type PlacedEvent = Pick<EventHeader, 'sender' | 'stream' | 'sequence'>

/** Why an event cannot be accepted. */
export type ReplayRefusal = 'replay' | 'late' | 'too-many-senders'

/**
 * The events seen of each sender: a window for each of its newest streams. Bounded; an entry is dropped only for a
 * newer one of the same sender. spec P40
 */
export class ReplayState {
  readonly #seenBySender = new Map<string, SeenStreams>()

  /** Why the event would be refused now; `undefined` when it would not. Changes nothing. */
  refusalOf({ sender, stream, sequence }: PlacedEvent, rising: boolean): ReplayRefusal | undefined {
    const seen = this.#seenBySender.get(sender)
    if (seen === undefined) {
      return this.#seenBySender.size < MAX_REPLAY_SENDERS ? undefined : 'too-many-senders'
    }
    if (stream < seen.floor) return 'replay'
    const window = seen.windows.get(stream)
    if (window === undefined) {
      const [newest, oldest] = [Math.max(...seen.windows.keys()), Math.min(...seen.windows.keys())]
      if (seen.windows.size >= MAX_REPLAY_STREAMS && stream < oldest) return 'replay'
      return rising && stream < newest ? 'late' : undefined
    }
    if (!window.isFresh(sequence)) return 'replay'
    if (!rising) return undefined
    const isNewest = Math.max(...seen.windows.keys()) === stream
    return isNewest && sequence > window.highest ? undefined : 'late'
  }

  /** Remembers an event that authenticated and is not refused. */
  accept({ sender, stream, sequence }: PlacedEvent): void {
    this.#windowOf(sender, stream)?.accept(sequence)
  }

  /** Takes an acceptance back. */
  withdraw({ sender, stream, sequence }: PlacedEvent): void {
    this.#seenBySender.get(sender)?.windows.get(stream)?.withdraw(sequence)
  }

  /** Remembers whatever the other one does, as far as there is room. */
  merge(other: ReplayState): void {
    for (const [sender, { floor, windows }] of other.#seenBySender) {
      if (this.#seenBySender.size >= MAX_REPLAY_SENDERS && !this.#seenBySender.has(sender)) continue
      for (const [stream, window] of windows) {
        const own = this.#windowOf(sender, stream)
        if (own !== undefined) mergeWindow(own, window)
      }
      const seen = this.#seenBySender.get(sender)
      if (seen !== undefined) raiseFloor(seen, floor)
    }
  }

  /** The bytes to store. spec P41 */
  encode(): Uint8Array<ArrayBuffer> {
    const entries = [...this.#seenBySender].map(([sender, seen]) => ({
      name: textToBytes(sender),
      seen,
    }))
    let length = HEAD_BYTES
    for (const { name, seen } of entries)
      length += 10 + name.length + seen.windows.size * STREAM_BYTES
    const bytes = new Uint8Array(length)
    const view = new DataView(bytes.buffer)
    view.setUint8(0, FORMAT)
    view.setUint16(1, entries.length)
    let at = HEAD_BYTES
    for (const { name, seen } of entries) {
      bytes[at] = name.length
      bytes.set(name, at + 1)
      at += 1 + name.length
      view.setBigUint64(at, BigInt(seen.floor))
      bytes[at + 8] = seen.windows.size
      at += 9
      for (const [stream, window] of seen.windows) {
        view.setBigUint64(at, BigInt(stream))
        writeWindow(window, view, at + 8)
        at += STREAM_BYTES
      }
    }
    return bytes
  }

  /** Decodes a stored state; returns `undefined`, not throws, for other bytes. */
  static decode(bytes: Uint8Array): ReplayState | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length < HEAD_BYTES || view.getUint8(0) !== FORMAT) return undefined
    const state = new ReplayState()
    let at = HEAD_BYTES
    for (let left = view.getUint16(1); left > 0; left -= 1) {
      const length = bytes[at] ?? 0
      const start = at + 1 + length
      if (length === 0 || length > MAX_NAME_BYTES || start + 9 > bytes.length) return undefined
      const sender = decodeText(bytes, at + 1, start)
      const floor = view.getBigUint64(start)
      const count = view.getUint8(start + 8)
      at = start + 9
      if (sender === undefined || state.#seenBySender.has(sender)) return undefined
      if (floor > MAX_NUMBER || count > MAX_REPLAY_STREAMS) return undefined
      if (at + count * STREAM_BYTES > bytes.length) return undefined
      const windows = new Map<number, ReplayWindow>()
      for (; windows.size < count; at += STREAM_BYTES) {
        const stream = view.getBigUint64(at)
        const window = decodeWindow(view, at + 8)
        if (
          stream < floor ||
          stream > MAX_NUMBER ||
          window === undefined ||
          windows.has(Number(stream))
        )
          return undefined
        windows.set(Number(stream), window)
      }
      state.#seenBySender.set(sender, { floor: Number(floor), windows })
    }
    return at === bytes.length && state.#seenBySender.size <= MAX_REPLAY_SENDERS ? state : undefined
  }

  /** The window of a stream; a new one evicts the oldest. */
  #windowOf(sender: string, stream: number): ReplayWindow | undefined {
    let seen = this.#seenBySender.get(sender)
    if (seen === undefined)
      this.#seenBySender.set(sender, (seen = { floor: 0, windows: new Map() }))
    const known = seen.windows.get(stream)
    if (known !== undefined || stream < seen.floor) return known
    const window = new ReplayWindow(REPLAY_WINDOW)
    seen.windows.set(stream, window)
    if (seen.windows.size > MAX_REPLAY_STREAMS)
      raiseFloor(seen, Math.min(...seen.windows.keys()) + 1)
    return seen.windows.get(stream)
  }
}

interface SeenStreams {
  /** Streams below it are replays. */
  floor: number
  readonly windows: Map<number, ReplayWindow>
}

function raiseFloor(seen: SeenStreams, floor: number): void {
  seen.floor = Math.max(seen.floor, floor)
  for (const stream of seen.windows.keys()) if (stream < seen.floor) seen.windows.delete(stream)
}

const FORMAT = 1
const HEAD_BYTES = 3
const STREAM_BYTES: number = 8 + SAVED_WINDOW_BYTES
const MAX_NUMBER = 2n ** 53n - 1n
