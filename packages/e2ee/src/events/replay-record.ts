import {
  ByteReader,
  concatBytes,
  decodeText,
  textToBytes,
  uintToBytes,
  withLength,
} from '@conclave/base'
import type { RecordFormat, ReplayWindow } from '@conclave/base'
import { MAX_REPLAY_CHANNELS, MAX_REPLAY_WINDOWS, ReplayState } from './replay-state.ts'
import type { ReplayChannel, ReplayEntry } from './replay-state.ts'
import { decodeWindow, SAVED_WINDOW_BYTES, writeWindow } from './saved-window.ts'
import { MAX_REPLAY_STREAMS, SenderStreams } from './sender-streams.ts'

/** The record of a replay guard. spec P41 */
export const REPLAY_FORMAT: RecordFormat<ReplayState> = {
  // Each page that shares the record adds to it.
  maxBytes: 16 * 2 ** 20,
  empty: () => new ReplayState(),
  encode: (state) => {
    const channels = [...state.channelByName].map(([name, channel]) =>
      concatBytes(withLength(textToBytes(name)), encodeChannel(channel)),
    )
    const head = [[VERSION], uintToBytes(state.floor, 8), uintToBytes(channels.length, 2)]
    return concatBytes(...head, ...channels)
  },
  decode: (bytes) => {
    const reader = new ByteReader(bytes)
    if (reader.uint(1) !== VERSION) return undefined
    const floor = reader.uint(8)
    const count = reader.uint(2)
    if (count > MAX_REPLAY_CHANNELS) return undefined
    const channelByName = new Map<string, ReplayChannel>()
    let windows = 0
    for (let left = count; left > 0; left -= 1) {
      const name = takeText(reader, reader.uint(2))
      const channel = decodeChannel(reader)
      if (name === undefined || channel === undefined) return undefined
      channelByName.set(name, channel)
      windows += channel.windows
    }
    const isWhole = reader.ok && channelByName.size === count
    if (!isWhole || windows > MAX_REPLAY_WINDOWS) return undefined
    const state = new ReplayState({ floor, channelByName })
    while (reader.left > 0) {
      const entry = decodeEntry(reader)
      if (entry === undefined) return undefined
      state.remember(entry)
    }
    return state
  },
}

/** An event that was admitted after a record was written whole, for its end. spec P41 */
export function encodeEntry(entry: ReplayEntry): Uint8Array<ArrayBuffer> {
  const [name, sender] = [textToBytes(entry.name), textToBytes(entry.sender)]
  const numbers = [entry.stream, entry.sequence].map((number) => uintToBytes(number, 8))
  return concatBytes(withLength(name), [sender.length], sender, ...numbers, [entry.rising ? 1 : 0])
}

function decodeEntry(reader: ByteReader): ReplayEntry | undefined {
  const name = takeText(reader, reader.uint(2))
  const sender = takeSender(reader)
  const [stream, sequence, order] = [reader.uint(8), reader.uint(8), reader.uint(1)]
  if (!reader.ok || name === undefined || sender === undefined || order > 1) return undefined
  return { name, sender, stream, sequence, rising: order === 1 }
}

function encodeChannel({ floor, streamsBySender }: ReplayChannel): Uint8Array {
  const senders = [...streamsBySender].map(([sender, streams]) => {
    const name = textToBytes(sender)
    const windows = [...streams.windows].map(([stream, window]) => encodeWindow(stream, window))
    const head = [[name.length], name, uintToBytes(streams.floor, 8), [windows.length]]
    return concatBytes(...head, ...windows)
  })
  return concatBytes(uintToBytes(floor, 8), uintToBytes(senders.length, 2), ...senders)
}

function encodeWindow(stream: number, window: ReplayWindow): Uint8Array {
  const bytes = new Uint8Array(STREAM_BYTES)
  bytes.set(uintToBytes(stream, 8))
  writeWindow(window, new DataView(bytes.buffer), 8)
  return bytes
}

function decodeChannel(reader: ByteReader): ReplayChannel | undefined {
  const floor = reader.uint(8)
  const count = reader.uint(2)
  const streamsBySender = new Map<string, SenderStreams>()
  let windows = 0
  for (let left = count; left > 0; left -= 1) {
    const sender = takeSender(reader)
    const streams = decodeStreams(reader)
    if (sender === undefined || streams === undefined) return undefined
    streamsBySender.set(sender, streams)
    windows += streams.windows.size
  }
  return streamsBySender.size === count ? { floor, windows, streamsBySender } : undefined
}

function decodeStreams(reader: ByteReader): SenderStreams | undefined {
  const floor = reader.uint(8)
  const count = reader.uint(1)
  if (count > MAX_REPLAY_STREAMS) return undefined
  const windows = new Map<number, ReplayWindow>()
  for (let left = count; left > 0; left -= 1) {
    const stream = reader.uint(8)
    const saved = reader.copy(SAVED_WINDOW_BYTES)
    const window = reader.ok ? decodeWindow(new DataView(saved.buffer), 0) : undefined
    if (window === undefined || stream < floor) return undefined
    windows.set(stream, window)
  }
  return windows.size === count ? new SenderStreams({ floor, windows }) : undefined
}

function takeSender(reader: ByteReader): string | undefined {
  const length = reader.uint(1)
  return length === 0 ? undefined : takeText(reader, length)
}

function takeText(reader: ByteReader, length: number): string | undefined {
  const bytes = reader.take(length)
  return reader.ok ? decodeText(bytes, 0, bytes.length) : undefined
}

const VERSION = 2
const STREAM_BYTES: number = 8 + SAVED_WINDOW_BYTES
