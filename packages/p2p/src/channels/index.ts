/**
 * `Sender` and `Receiver` with channels beside the stream: those of `@conclave/p2p`, and what they need for data.
 *
 * @module
 */
export type { ReceiverEvents } from '../receiver.ts'
export type { SenderEvents } from '../sender.ts'
export type {
  ChannelData,
  ChannelDeclarations,
  ChannelEvents,
  ChannelOptions,
  ChannelSendOptions,
  PeerChannel,
} from './channel-events.ts'
export { Receiver } from './receiver.ts'
export { Sender } from './sender.ts'
export type { SenderStartOptions } from './sender.ts'
