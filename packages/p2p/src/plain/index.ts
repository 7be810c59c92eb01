/**
 * The seed's `Sender` and `Receiver` in clear: a driver of any kind, no seal, no frames. Whoever runs or hears the driver reads
 * and forges all signalling, takes part under any name, and can stand in the middle of the media. Nothing else imports this entry; use
 * `@conclave/p2p` for everything but a first look.
 *
 * @module
 */
export type { Protection } from '../peer-options.ts'
export type { ReceiverEvents } from '../receiver.ts'
export type { SenderStartOptions } from '../channels/sender.ts'
export type { SenderEvents } from '../sender.ts'
export type {
  ChannelData,
  ChannelDeclarations,
  ChannelEvents,
  ChannelOptions,
  ChannelSendOptions,
  PeerChannel,
} from '../channels/channel-events.ts'
export type { Driver } from '../signalling/driver.ts'
export type { Namespace } from '../signalling/namespace.ts'
export type { PlainPeerOptions } from './plain-options.ts'
export { Receiver } from './receiver.ts'
export { Sender } from './sender.ts'
