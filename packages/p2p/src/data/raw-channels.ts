/**
 * The two data channels of a connection. spec S89
 *
 * @module
 */
import type { ConnectionEnd, DataContext } from '../connection/peer-context.ts'

/** The kinds of channels of an application; each kind has one data channel, whose number is its place here. */
export const DATA_KINDS = ['reliable', 'unreliable'] as const

/** A kind of channel: `reliable` keeps everything, in order; `unreliable` what arrives at once. */
export type DataKind = (typeof DATA_KINDS)[number]

/** The data channels of a connection. */
export interface RawChannels {
  /** By their numbers. */
  readonly channels: readonly [reliable: RTCDataChannel, unreliable: RTCDataChannel]
  /** Replaces the connection, in its turn. spec S94 */
  readonly broken: () => void
}

/**
 * Makes the channels, before the connection has a description: both sides know of them, so that nothing is said about
 * them, and no label names anything. A connection whose channels close is replaced.
 */
export function createRawChannels(
  { connection, broken: end }: ConnectionEnd,
  { queue, dropped }: DataContext,
): RawChannels {
  // After what the queue does with the connection now.
  const broken = (): void => queue.change(end)
  const create = (options: RTCDataChannelInit): RTCDataChannel => {
    const channel = connection.createDataChannel('', { ...options, negotiated: true })
    channel.binaryType = 'arraybuffer'
    channel.addEventListener('close', broken)
    return channel
  }
  connection.addEventListener('datachannel', ({ channel }) => {
    channel.close()
    dropped('data-unexpected')
  })
  const unreliable = { id: 1, ordered: false, maxRetransmits: 0 }
  return { channels: [create({ id: 0 }), create(unreliable)], broken }
}
