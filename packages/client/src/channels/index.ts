/**
 * Private and presence channels of a hub: sealed events for those whom the application's server lets in. `connectHub` makes
 * a client, `channel` of it a channel. Normative text: spec/channels.md.
 *
 * @module
 */
export { ClientError, isClientError } from '../errors.ts'
export type {
  AnyClientError,
  ClientErrorCode,
  ClientErrorDetails,
  UnreachableReason,
} from '../errors.ts'
export type { UnreachableProblem } from '../hub/unreachable-hub.ts'
export { createWakeSignals } from '../hub/wake-signals.ts'
export type { WakeSignals, WakeSources } from '../hub/wake-signals.ts'
export type { Authorize, AuthorizeRequest } from './authorizing.ts'
export type { HubChannelOptions, HubEventName, HubNotices, HubSendOptions } from './channel-api.ts'
export { ChannelMembers } from './channel-members.ts'
export type { Member, MemberEvents, MemberPage } from './channel-members.ts'
export type { ChannelEnd } from './channel-end.ts'
export type { ChannelState } from './channel-state.ts'
export type { MissedNotice } from './missed-events.ts'
export { HubChannel } from './hub-channel.ts'
export { connectHub, HubClient } from './hub-client.ts'
export type { HubClientOptions, HubClientState } from './hub-client.ts'
