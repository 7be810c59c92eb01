/**
 * The two data channels of a connection. spec S89
 *
 * @module
 */

/** The kinds of channels of an application; each kind has one data channel, whose number is its place here. */
export const DATA_KINDS = ['reliable', 'unreliable'] as const

/** A kind of channel: `reliable` keeps everything, in order; `unreliable` what arrives at once. */
export type DataKind = (typeof DATA_KINDS)[number]

/** The data channels of a connection, by their numbers. */
export type RawChannels = readonly [reliable: RTCDataChannel, unreliable: RTCDataChannel]

/**
 * Makes the channels, before the connection has a description: both sides know of them, so that nothing is said about
 * them, and no label names anything.
 */
export function createRawChannels(connection: RTCPeerConnection): RawChannels {
  const create = (options: RTCDataChannelInit): RTCDataChannel => {
    const channel = connection.createDataChannel('', { ...options, negotiated: true })
    channel.binaryType = 'arraybuffer'
    return channel
  }
  return [create({ id: 0 }), create({ id: 1, ordered: false, maxRetransmits: 0 })]
}
