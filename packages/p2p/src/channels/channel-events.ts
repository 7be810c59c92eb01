/**
 * The channels of `Sender` and `Receiver`, as an application sees them.
 *
 * @module
 */
import type { AnyP2pError } from '../errors.ts'

/** Channels by their labels, as `Sender.start` takes them. */
export type ChannelDeclarations = Readonly<Record<string, ChannelOptions>>

/** How a channel carries messages: each once and in order, unless one of the options says otherwise. */
export interface ChannelOptions {
  /** `false`: messages come in any order, and any of them may be lost. */
  readonly ordered?: boolean
  /** Any number says that messages may be lost, and come in any order. */
  readonly maxRetransmits?: number
}

/** A channel with one peer. */
export interface PeerChannel {
  /** The name that the sender gave it. */
  readonly label: string
  /** Whether it keeps each message, in order. */
  readonly reliable: boolean
  /**
   * Sends a text or bytes to the peer; resolves when there is room for more.
   *
   * @throws P2pError `ERR_P2P_DATA_CLOSED`, `ERR_P2P_DATA_QUEUE_FULL`, `ERR_P2P_DATA_TOO_LARGE`; TypeError; all as rejections
   */
  send(data: ChannelData): Promise<void>
}

/** A message that is sent. */
export type ChannelData = string | Uint8Array

/** The receivers of a message: all peers, and all channels, unless they are named. */
export interface ChannelSendOptions {
  readonly peer?: string
  readonly channel?: string
}

/** Events of the channels of a `Sender` or a `Receiver`; `id` is the peer's. */
export interface ChannelEvents {
  /** Something can be sent in the channel. Comes again after each `channel:close`. */
  readonly 'channel:open': { readonly id: string; readonly channel: PeerChannel }
  /** Nothing can be sent in the channel, or comes from it. */
  readonly 'channel:close': { readonly id: string; readonly channel: PeerChannel }
  /** A message to all could not be sent to this peer. */
  readonly 'channel:error': {
    readonly id: string
    readonly channel: PeerChannel
    readonly error: AnyP2pError
  }
  /** The peer sent a text or bytes. */
  readonly 'channel:message': {
    readonly id: string
    readonly channel: PeerChannel
    readonly data: string | Uint8Array<ArrayBuffer>
  }
}
