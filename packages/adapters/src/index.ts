/**
 * Sealed events over the channel that an application already has: one core, which seals and opens, and for each client
 * library a thin adapter under its own subpath. Normative text: spec/adapters.md.
 *
 * @module
 */
export { AdapterError, isAdapterError } from './errors.ts'
export type { AdapterErrorCode, AdapterErrorDetails, AnyAdapterError } from './errors.ts'
export {
  MAX_EVENT_NAME_LENGTH,
  MAX_KEPT_BYTES,
  MAX_KEPT_EVENTS,
  MAX_OPENING_EVENTS,
  MAX_QUEUED_EVENTS,
} from './limits.ts'
export type {
  AnyEvents,
  ArrivalDropReason,
  ArrivedEvent,
  ChannelNotices,
  ClearEvent,
  DroppedArrival,
  EventFacts,
  EventNameOf,
  MissingKey,
} from './channel/channel-events.ts'
export type { ChannelContext, SealedChannelOptions } from './channel/channel-options.ts'
export { decodeEventFrame, encodeEventFrame } from './framed/event-frame.ts'
export type { EventFrame } from './framed/event-frame.ts'
export { sealChannel, SealedChannel } from './channel/sealed-channel.ts'
export type {
  EventOrigin,
  EventRecipients,
  EventTransport,
  OpenedFacts,
  Passage,
  TransportTrouble,
} from './channel/transport.ts'
