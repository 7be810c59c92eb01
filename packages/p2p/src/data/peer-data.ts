/**
 * The data between this side and one peer, over whatever connections there are with it.
 *
 * @module
 */
import { isBytes, isWellFormed } from '@conclave/base'
import type { AttachData, ConnectionEnd, DataContext } from '../connection/peer-context.ts'
import { P2pError } from '../errors.ts'
import type { DataProtector } from '../protectors.ts'
import { isId } from '../signalling/messages.ts'
import { MAX_DATA_BYTES, MAX_UNRELIABLE_DATA_BYTES } from './data-record.ts'
import { DATA_KINDS, createRawChannels } from './raw-channels.ts'
import type { DataKind, RawChannels } from './raw-channels.ts'
import { ReceiveLane } from './receive-lane.ts'
import { SendLane } from './send-lane.ts'

/** Options of a {@link PeerData}. */
export interface PeerDataOptions {
  readonly peer: string
  readonly protector: DataProtector
  readonly received: (message: DataMessage) => void
  /** Something can be sent from now on. */
  readonly opened: () => void
  /** Nothing can be sent from now on; what waited was refused. */
  readonly closed: () => void
}

/** A message that arrived. */
export interface DataMessage {
  readonly channel: string
  readonly kind: DataKind
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Sends in the connection that this side made, and receives in the one that the peer made. spec S89 */
export class PeerData {
  readonly #options: PeerDataOptions
  #lanes: readonly SendLane[] | undefined

  constructor(options: PeerDataOptions) {
    this.#options = options
  }

  /** Whether something can be sent. */
  get isOpen(): boolean {
    return this.#lanes?.every(({ isClosed }) => !isClosed) === true
  }

  /**
   * Sends bytes in a channel. You must check both before.
   *
   * @throws P2pError `ERR_P2P_DATA_CLOSED`, `ERR_P2P_DATA_QUEUE_FULL`; always as a rejection
   */
  async send(channel: string, bytes: Uint8Array, kind: DataKind): Promise<void> {
    const lane = this.isOpen ? this.#lanes?.[DATA_KINDS.indexOf(kind)] : undefined
    if (lane === undefined) {
      throw new P2pError('ERR_P2P_DATA_CLOSED', { peer: this.#options.peer })
    }
    await lane.send(channel, bytes)
  }

  /** Makes the channels of a connection in which this side sends. Returns the function that ends them. */
  readonly attachSending: AttachData = (end, context) => {
    const raws = createRawChannels(end, context)
    for (const raw of raws.channels) {
      raw.addEventListener('message', () => context.dropped('data-unexpected'))
    }
    return this.#send(end, raws)
  }

  /** Makes the channels of a connection in which the peer sends. Returns the function that ends them. */
  readonly attachReceiving: AttachData = (end, context) => {
    const raws = createRawChannels(end, context)
    return this.#receive(end, raws, context)
  }

  /** Makes the channels of a connection in which both sides send. Returns the function that ends them. */
  readonly attachBoth: AttachData = (end, context) => {
    const raws = createRawChannels(end, context)
    const endReceiving = this.#receive(end, raws, context)
    const endSending = this.#send(end, raws)
    return () => {
      endReceiving()
      endSending()
    }
  }

  #send(end: ConnectionEnd, { channels, broken }: RawChannels): () => void {
    const { peer, protector, opened, closed } = this.#options
    const lanes = channels.map(
      (raw, number) =>
        new SendLane({
          ...{ peer, raw, maxBufferedBytes: MAX_BUFFERED_BYTES[number] ?? 0, broken },
          seal: async (record) =>
            protector.seal({ peer, connection: end.dataName() ?? '', number }, record),
        }),
    )
    for (const raw of channels) {
      raw.addEventListener('open', () => {
        if (
          end.dataName() === undefined ||
          channels.some(({ readyState }) => readyState !== 'open')
        )
          return
        this.#lanes = lanes
        opened()
      })
    }
    const endLanes = (): void => {
      for (const lane of lanes) lane.close()
      if (this.#lanes !== lanes) return
      this.#lanes = undefined
      closed()
    }
    // The connection is replaced in its turn, and meanwhile nothing may look as if it could be sent. spec S118
    for (const raw of channels) {
      for (const type of ['closing', 'close']) raw.addEventListener(type, endLanes)
    }
    return endLanes
  }

  #receive(
    end: ConnectionEnd,
    { channels, broken }: RawChannels,
    { dropped }: DataContext,
  ): () => void {
    const { peer, protector, received } = this.#options
    const lanes = channels.map((raw, number) => {
      const kind = DATA_KINDS[number] ?? 'reliable'
      const lane = new ReceiveLane({
        ...{ kind, dropped, broken },
        open: async (sealed) =>
          protector.open({ peer, connection: end.dataName() ?? '', number }, sealed),
        received: (channel, bytes) => received({ channel, kind, bytes }),
      })
      raw.addEventListener('message', ({ data }: MessageEvent<unknown>) => lane.receive(data))
      return lane
    })
    return () => {
      for (const lane of lanes) lane.close()
    }
  }
}

/** @throws TypeError for a malformed name or no bytes; P2pError `ERR_P2P_DATA_TOO_LARGE` */
export function checkDataMessage(channel: string, bytes: Uint8Array, kind: DataKind): void {
  if (!isId(channel) || !isWellFormed(channel)) {
    throw new TypeError('"channel" expected 1 to 128 characters, no control ones')
  }
  if (!isBytes(bytes)) throw new TypeError('"bytes" expected Uint8Array')
  const maxBytes = kind === 'reliable' ? MAX_DATA_BYTES : MAX_UNRELIABLE_DATA_BYTES
  const byteLength = bytes.length
  if (byteLength > maxBytes) throw new P2pError('ERR_P2P_DATA_TOO_LARGE', { byteLength, maxBytes })
}

/** The bytes that the platform may hold back in each channel: few in the unreliable one, or everything in it is late. spec S92 */
const MAX_BUFFERED_BYTES: readonly number[] = [2 ** 20, 2 ** 16]
