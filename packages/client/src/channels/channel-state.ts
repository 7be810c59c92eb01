/**
 * The states of a guarded channel, and the errors that follow from them. spec G91
 *
 * @module
 */
import type { ChannelName, MemberId, Right } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { ChannelEnd } from './channel-end.ts'

/** The state of a channel. */
export type ChannelState =
  /** It was never open: the connection is made, or nobody has decided yet. */
  | { readonly type: 'subscribing' }
  | {
      readonly type: 'open'
      /** Allowed to this client until the grant ends. */
      readonly rights: readonly Right[]
      /** Names this client to the others in the channel. */
      readonly member: MemberId
    }
  /** It was open, and comes back: messages that are sent wait. */
  | { readonly type: 'waiting' }
  /** The application or the hub said no. Final. */
  | { readonly type: 'denied' }
  /** Final. */
  | { readonly type: 'ended'; readonly reason: ChannelEnd }

/** Whether nothing follows this state. */
export function isFinal(
  state: ChannelState,
): state is Extract<ChannelState, { readonly type: 'denied' | 'ended' }> {
  return state.type === 'denied' || state.type === 'ended'
}

/** The error of a call that this state makes impossible; `undefined` where it does not. */
export function errorOfState(channel: ChannelName, state: ChannelState): ClientError | undefined {
  if (state.type === 'denied') return deniedError(channel)
  if (state.type !== 'ended') return undefined
  return new ClientError('ERR_CLIENT_CHANNEL_ENDED', { channel, reason: state.reason })
}

/** The error of what the grant does not allow: the whole channel, or one right in it. */
export function deniedError(channel: ChannelName, right?: Right): ClientError {
  return new ClientError('ERR_CLIENT_CHANNEL_DENIED', { channel, right })
}
