import type { EventHeader } from './event-header.ts'
import { mergeWindow, withdrawFrom } from './saved-window.ts'
import { SenderStreams } from './sender-streams.ts'
import type { ReplayRefusal, ReplayRules } from './sender-streams.ts'

/** Bound of the windows of all channels of a guard together. spec P40 */
export const MAX_REPLAY_WINDOWS = 4096

/** Bound of the channels of a guard. spec P40 */
export const MAX_REPLAY_CHANNELS = 256

/** Identifies an event among all: key id and channel, sender, stream and sequence. */
export type PlacedEvent = Pick<EventHeader, 'keyId' | 'sender' | 'stream' | 'sequence'> & {
  /** The channel. spec P38 */
  readonly contextId: string
}

/** An event that was admitted, as a record remembers it. spec P41 */
export interface ReplayEntry extends Pick<PlacedEvent, 'sender' | 'stream' | 'sequence'> {
  /** Of key id and channel. */
  readonly name: string
  /** Whether the order of its guard was `rising`. */
  readonly rising: boolean
}

/** The senders of one key id and channel. */
export interface ReplayChannel {
  /** Streams of senders that are not known below it are replays. */
  floor: number
  /** How many windows its senders have. */
  windows: number
  readonly streamsBySender: Map<string, SenderStreams>
}

/**
 * The events seen, by key id and channel, and by sender. Bounded: where there is no room, the channel with the most windows
 * makes it, and a floor refuses whatever may have been seen before. So a flood in one channel forgets only its own. spec P40
 */
export class ReplayState {
  readonly channelByName: Map<string, ReplayChannel>
  #floor: number

  get [Symbol.toStringTag](): string {
    return 'ReplayState'
  }

  constructor({
    floor = 0,
    channelByName = new Map(),
  }: {
    readonly floor?: number
    readonly channelByName?: Map<string, ReplayChannel>
  } = {}) {
    this.#floor = floor
    this.channelByName = channelByName
  }

  /** Streams of channels that are not known below it are replays. */
  get floor(): number {
    return this.#floor
  }

  /** Why the event would be refused now; `undefined` when it would not. Changes nothing. */
  refusalOf(event: PlacedEvent, rules: ReplayRules): ReplayRefusal | undefined {
    const channel = this.channelByName.get(nameOf(event))
    const known = channel?.streamsBySender.get(event.sender)
    const streams = known ?? new SenderStreams({ floor: channel?.floor ?? this.#floor })
    return streams.refusalOf(event.stream, event.sequence, rules)
  }

  /** Remembers an event that authenticated, unless it is refused: then it answers why. */
  admit(event: PlacedEvent, rules: ReplayRules): ReplayRefusal | undefined {
    const refusal = this.refusalOf(event, rules)
    if (refusal !== undefined) return refusal
    // Room may have been made above it.
    return this.remember(entryOf(event, rules)) ? undefined : 'replay'
  }

  /** Remembers an event that was admitted, by whichever page; `false` where a floor stands for it. */
  remember({ name, sender, stream, sequence, rising }: ReplayEntry): boolean {
    const place = this.#placeOf(name, { sender, stream })
    if (place === undefined) return false
    place.channel.windows += place.streams.accept(stream, sequence, { rising })
    return true
  }

  /** Takes an acceptance back. */
  withdraw(event: PlacedEvent): void {
    const streams = this.channelByName.get(nameOf(event))?.streamsBySender.get(event.sender)
    const window = streams?.windows.get(event.stream)
    if (window !== undefined) withdrawFrom(window, event.sequence)
  }

  /** Remembers whatever the other one does, as far as there is room; else a floor stands for it. */
  merge(other: ReplayState): void {
    this.#floor = Math.max(this.#floor, other.floor)
    for (const [name, { floor, streamsBySender }] of other.channelByName) {
      for (const [sender, streams] of streamsBySender) {
        for (const [stream, window] of streams.windows) {
          const place = this.#placeOf(name, { sender, stream })
          if (place === undefined) continue
          const before = place.streams.windows.size
          const own = place.streams.windowOf(stream)
          if (own !== undefined) mergeWindow(own, window)
          place.channel.windows += place.streams.windows.size - before
        }
        const channel = this.channelByName.get(name)
        const own = channel?.streamsBySender.get(sender)
        if (channel === undefined || own === undefined) continue
        const before = own.windows.size
        own.raiseFloor(streams.floor)
        channel.windows += own.windows.size - before
      }
      const channel = this.channelByName.get(name)
      if (channel !== undefined) channel.floor = Math.max(channel.floor, floor)
    }
  }

  /** The place of a stream, with room for one window more; `undefined` where it is below a floor. */
  #placeOf(
    name: string,
    { sender, stream }: { readonly sender: string; readonly stream: number },
  ): { readonly channel: ReplayChannel; readonly streams: SenderStreams } | undefined {
    if (this.channelByName.get(name)?.streamsBySender.get(sender)?.windows.has(stream) !== true) {
      this.#makeRoom(name)
    }
    let channel = this.channelByName.get(name)
    const known = channel?.streamsBySender.get(sender)
    const floor = known?.floor ?? channel?.floor ?? this.#floor
    if (stream < floor) return undefined
    if (channel === undefined) {
      channel = { floor, windows: 0, streamsBySender: new Map() }
      this.channelByName.set(name, channel)
    }
    const streams = known ?? new SenderStreams({ floor })
    channel.streamsBySender.set(sender, streams)
    return { channel, streams }
  }

  #makeRoom(name: string): void {
    const channels = this.channelByName
    if (!channels.has(name) && channels.size >= MAX_REPLAY_CHANNELS) this.#dropChannel()
    let [windows, largest]: [number, ReplayChannel | undefined] = [0, undefined]
    for (const channel of channels.values()) {
      windows += channel.windows
      if (channel.windows > (largest?.windows ?? 0)) largest = channel
    }
    if (windows >= MAX_REPLAY_WINDOWS && largest !== undefined) dropWindow(largest)
  }

  /** Forgets the channel that was quiet for the longest time. */
  #dropChannel(): void {
    const newest = [...this.channelByName].map(([name, { floor, streamsBySender }]) => ({
      name,
      stream: Math.max(floor - 1, ...[...streamsBySender.values()].map((of) => of.newest)),
    }))
    const oldest = newest.reduce((one, other) => (other.stream < one.stream ? other : one))
    this.channelByName.delete(oldest.name)
    this.#floor = Math.max(this.#floor, oldest.stream + 1)
  }
}

/** Forgets the oldest stream of the sender with the most; where all have one, the sender with the oldest. */
function dropWindow(channel: ReplayChannel): void {
  const { streamsBySender } = channel
  let [sender, streams]: [string, SenderStreams | undefined] = ['', undefined]
  let [most, oldest] = [0, 0]
  for (const [name, of] of streamsBySender) {
    const { size } = of.windows
    if (size < most) continue
    const { newest } = of
    if (size === most && newest >= oldest) continue
    ;[sender, streams, most, oldest] = [name, of, size, newest]
  }
  if (streams === undefined) return
  channel.windows -= 1
  if (streams.windows.size > 1) return streams.dropOldest()
  streamsBySender.delete(sender)
  channel.floor = Math.max(channel.floor, streams.newest + 1)
}

/** The entry of an event that was admitted under these rules. */
export function entryOf(event: PlacedEvent, { rising }: Pick<ReplayRules, 'rising'>): ReplayEntry {
  const { sender, stream, sequence } = event
  return { name: nameOf(event), sender, stream, sequence, rising }
}

/** Names a key id and a channel; the length keeps two of them apart. */
const nameOf = ({ keyId, contextId }: PlacedEvent): string => `${keyId.length} ${keyId}${contextId}`
