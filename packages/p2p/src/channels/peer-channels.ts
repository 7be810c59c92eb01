/**
 * The channels of a `Sender` or a `Receiver` with all its peers. spec S99, S100
 *
 * @module
 */
import { concatBytes, decodeText, isBytes, isWellFormed, textToBytes } from '@conclave/base'
import type { AttachData } from '../connection/peer-context.ts'
import { P2pError, isP2pError } from '../errors.ts'
import type { DataProtector } from '../protectors.ts'
import type { SignalDropReason } from '../signalling/drop-reason.ts'
import type {
  ChannelData,
  ChannelDeclarations,
  ChannelEvents,
  ChannelSendOptions,
  PeerChannel,
} from './channel-events.ts'
import { checkDataMessage, PeerData } from '../data/peer-data.ts'
import type { DataMessage } from '../data/peer-data.ts'
import { DATA_KINDS } from '../data/raw-channels.ts'
import type { DataKind } from '../data/raw-channels.ts'

/** Options of {@link PeerChannels}. */
export interface PeerChannelsOptions {
  /** Left out: there is none, and no channels. */
  readonly protector: DataProtector | undefined
  /** Those that this side makes; left out by the side that is told of them. */
  readonly declared?: ChannelDeclarations | undefined
  readonly raise: (type: keyof ChannelEvents, detail: ChannelEvents[keyof ChannelEvents]) => void
}

/** Named channels with each peer, over the two data channels of the one connection with it. */
export class PeerChannels {
  readonly #options: PeerChannelsOptions
  readonly #protector: DataProtector
  readonly #declared: ReadonlyMap<string, DataKind>
  #dropped: (reason: SignalDropReason) => void = () => undefined
  readonly #channelsByPeer = new Map<string, Map<string, PeerChannel>>()

  /** @throws TypeError for a malformed label, and without a protector; RangeError for too many channels */
  constructor(options: PeerChannelsOptions) {
    const { protector, declared = {} } = options
    if (protector === undefined) {
      throw new TypeError('"data" expected a data protector, which this driver does not bring')
    }
    this.#options = options
    this.#protector = protector
    const entries = Object.entries(declared)
    if (entries.length > MAX_CHANNELS) {
      throw new RangeError(`"channels" expected at most ${MAX_CHANNELS}, got ${entries.length}`)
    }
    for (const [label] of entries) checkDataMessage(label, new Uint8Array(), 'reliable')
    this.#declared = new Map(
      entries.map(([label, { ordered = true, maxRetransmits }]) => [
        label,
        ordered && maxRetransmits === undefined ? 'reliable' : 'unreliable',
      ]),
    )
  }

  /** For the link with a peer. */
  attachTo(peer: string): AttachData {
    /** Those that the peer told of before this side could send. */
    const waiting: (() => void)[] = []
    const data: PeerData = new PeerData({
      ...{ peer, protector: this.#protector },
      received: (message) => {
        const isTold = message.bytes[0] === OPENS && !data.isOpen && waiting.length < MAX_CHANNELS
        if (isTold) waiting.push(() => this.#receive(peer, data, message))
        else this.#receive(peer, data, message)
      },
      opened: () => {
        for (const receive of waiting.splice(0)) receive()
        for (const [label, kind] of this.#declared) {
          // It fails only with the connection, whose end closes the channel.
          data
            .send(label, Uint8Array.of(OPENS, DATA_KINDS.indexOf(kind)), 'reliable')
            .catch(() => undefined)
          this.#open(peer, data, { label, kind })
        }
      },
      closed: () => this.#close(peer),
    })
    return (end, context) => {
      this.#dropped = context.dropped
      return data.attachBoth(end, context)
    }
  }

  /** Sends to the peers and in the channels that are named, or to all and in all. */
  async send(data: ChannelData, { peer, channel }: ChannelSendOptions): Promise<void> {
    const peers = peer === undefined ? [...this.#channelsByPeer.keys()] : [peer]
    const targets = peers.flatMap((id) =>
      [...(this.#channelsByPeer.get(id)?.values() ?? [])]
        .filter(({ label }) => channel === undefined || label === channel)
        .map((each) => ({ id, channel: each })),
    )
    if (targets.length === 0 && peer !== undefined) {
      throw new P2pError('ERR_P2P_DATA_CLOSED', { peer })
    }
    await Promise.all(
      targets.map(async (target) => {
        try {
          await target.channel.send(data)
        } catch (error) {
          if (peer !== undefined || !isP2pError(error)) throw error
          this.#options.raise('channel:error', { ...target, error })
        }
      }),
    )
  }

  #open(
    peer: string,
    data: PeerData,
    { label, kind }: { readonly label: string; readonly kind: DataKind },
  ): void {
    const channels = this.#channelsByPeer.get(peer) ?? new Map<string, PeerChannel>()
    if (channels.has(label) || channels.size >= MAX_CHANNELS) {
      return this.#dropped('data-unexpected')
    }
    const channel: PeerChannel = Object.freeze({
      label,
      reliable: kind === 'reliable',
      async send(message: ChannelData) {
        const bytes = encodeMessage(message)
        checkDataMessage(label, bytes, kind)
        await data.send(label, bytes, kind)
      },
    })
    this.#channelsByPeer.set(peer, channels.set(label, channel))
    this.#options.raise('channel:open', { id: peer, channel })
  }

  #close(peer: string): void {
    const channels = this.#channelsByPeer.get(peer)
    this.#channelsByPeer.delete(peer)
    for (const channel of channels?.values() ?? []) {
      this.#options.raise('channel:close', { id: peer, channel })
    }
  }

  #receive(peer: string, data: PeerData, { channel: label, kind, bytes }: DataMessage): void {
    const { declared, raise } = this.#options
    const [type, opens] = bytes
    if (type === OPENS && bytes.length === 2 && kind === 'reliable' && declared === undefined) {
      const opened = DATA_KINDS[opens ?? -1]
      if (opened === undefined) return this.#dropped('data-malformed')
      return this.#open(peer, data, { label, kind: opened })
    }
    const channel = this.#channelsByPeer.get(peer)?.get(label)
    if (channel === undefined || channel.reliable !== (kind === 'reliable')) {
      return this.#dropped('data-unexpected')
    }
    const message = decodeMessage(bytes)
    if (message === undefined) return this.#dropped('data-malformed')
    raise('channel:message', { id: peer, channel, data: message })
  }
}

/** `u8 type ‖ content`. spec S100 */
function encodeMessage(message: ChannelData): Uint8Array<ArrayBuffer> {
  if (typeof message === 'string' && isWellFormed(message)) {
    return concatBytes([TEXT], textToBytes(message))
  }
  if (isBytes(message)) return concatBytes([BYTES], message)
  throw new TypeError('"data" expected a text without lone surrogates, or Uint8Array')
}

function decodeMessage(
  bytes: Uint8Array<ArrayBuffer>,
): string | Uint8Array<ArrayBuffer> | undefined {
  const content = bytes.slice(1)
  if (bytes[0] === BYTES) return content
  return bytes[0] === TEXT ? decodeText(content) : undefined
}

const OPENS = 0
const TEXT = 1
const BYTES = 2
/** Most channels of one sender. spec S99 */
const MAX_CHANNELS = 64
