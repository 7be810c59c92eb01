/**
 * The options and events of a guarded channel, as an application sees them.
 *
 * @module
 */
import type {
  AnyEvents,
  ChannelContext,
  ChannelNotices,
  EventNameOf,
  SealedChannelOptions,
} from '@conclave/adapters'
import type { MemberId, Right } from '@conclave/wire'
import type { MemberEvents } from './channel-members.ts'
import type { ChannelState } from './channel-state.ts'
import type { MissedNotice } from './missed-events.ts'

/** How the events of a guarded channel are sealed, and what is asked of the hub. */
export interface HubChannelOptions<
  Events extends object = AnyEvents,
  Clear extends HubEventName<Events> = never,
> extends Omit<SealedChannelOptions<Events, Clear>, 'context'> {
  /** The context of the events; when left out, `realtime` with scope `channel` and the channel's name. */
  readonly context?: ChannelContext
  /** Hides the names of events from the hub, as it does when left out. `false`: they travel beside the envelopes. */
  readonly hideEventNames?: boolean
  /** The rights to ask for; when left out, all that this kind of channel has use for. */
  readonly wants?: readonly Right[]
  /**
   * A JSON value about this client for the other members of a presence channel, about 700 bytes at most. It is sealed: who
   * has no key sees that there is one, and its length.
   */
  readonly info?: unknown
}

/** The notices of a guarded channel itself, by name. An event of the application cannot have these names. */
export interface HubNotices extends ChannelNotices, MemberEvents {
  readonly stateChanged: ChannelState
  /** The application's `authorize` threw, took too long, or answered nonsense; it is asked again. */
  readonly authorizeFailed: { readonly cause: unknown }
  /** The info could not be sealed, for example without a key: the members see none. */
  readonly infoFailed: { readonly cause: unknown }
  /** The connection was away: load from your own server what counts, because a hub keeps nothing. spec G57 */
  readonly missed: MissedNotice
}

/** The recipient of an event. */
export interface HubSendOptions {
  /**
   * A member of a presence channel, by its id: the hub gives the event to nobody else, and other members drop it. Each holder of the key
   * can open it: a hub that gives it to another one shows it to that one. Left out: all.
   */
  readonly to?: MemberId
}

/** The event names of an application. */
export type HubEventName<Events extends object> = Exclude<EventNameOf<Events>, keyof HubNotices>

/** Whether a name is that of a notice which a sealed channel does not have. */
export function isOwnNotice(name: string): name is OwnNotice {
  return Object.hasOwn(OWN_NOTICES, name)
}

type OwnNotice = Exclude<keyof HubNotices, keyof ChannelNotices>

const OWN_NOTICES: { readonly [Name in OwnNotice]: true } = {
  stateChanged: true,
  authorizeFailed: true,
  infoFailed: true,
  missed: true,
  memberJoined: true,
  memberLeft: true,
  memberCount: true,
}
