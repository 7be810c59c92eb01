/**
 * Puts a guarded channel together: its place at the hub, its carriers, what seals and opens, its members.
 *
 * @module
 */
import { sealChannel, type SealedChannelOptions } from '@conclave/adapters'
import { type Clock, Emitter } from '@conclave/base'
import { EventCounter, ReplayGuard } from '@conclave/e2ee'
import { channelKind, isRightList } from '@conclave/wire'
import type { ChannelName, GuardedKind, MemberId, MemberPageMessage, Right } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import type { Authorizing } from './authorizing.ts'
import type { HubChannelOptions, HubNotices } from './channel-api.ts'
import { ChannelMembers } from './channel-members.ts'
import type { ChannelEnd } from './channel-end.ts'
import { type ChannelState, errorOfState, isFinal } from './channel-state.ts'
import { createCarriers, type Deliver } from './channel-transport.ts'
import { createDeferred } from './deferred.ts'
import type { ChannelParts } from './hub-channel.ts'
import type { HubLine } from './hub-line.ts'
import { openInfo, sealInfo } from './member-info.ts'
import { MissedEvents } from './missed-events.ts'
import type { Publisher } from './publisher.ts'
import { Subscription } from './subscription.ts'

/** The parts of a hub client that its channels share. */
export interface ChannelPort {
  readonly clock: Clock
  readonly authorizing: Authorizing
  readonly publisher: Publisher
  /** The state of a channel has changed. */
  changed(channel: GuardedChannel): void
}

/** A channel from the side of its hub client. */
export interface GuardedChannel extends ChannelParts {
  readonly deliver: Deliver
}

/** @throws TypeError, RangeError that name the argument */
export function createHubChannel(
  name: ChannelName,
  options: HubChannelOptions,
  port: ChannelPort,
): GuardedChannel {
  const kind = channelKind(name)
  const { wants = WANTS[kind], info, ...given } = options
  if (!isRightList(1, wants)) throw wrongArgument('wants', wants, 'a list of rights')
  const sealing = sealingOf(name, given, port.clock)
  const notices = new Emitter<HubNotices>()
  const [opened, closed] = [createDeferred<void>(), createDeferred<ChannelEnd | 'denied'>()]
  let line: HubLine | undefined
  let newCount: number | undefined
  const missed = new MissedEvents((event) => notices.emit('missed', event))
  let isAway = false
  const stateChanged = (state: ChannelState): void => {
    const error = errorOfState(name, state)
    const isReturn = isAway && state.type === 'open'
    isAway = state.type === 'waiting'
    if (state.type === 'open') opened.resolve()
    else members?.stop()
    if (newCount !== undefined && subscription.may('presence')) members?.restart(newCount)
    newCount = undefined
    if (error !== undefined) opened.reject(error)
    port.changed(channel)
    notices.emit('stateChanged', state)
    if (isReturn) missed.returned()
    if (isFinal(state)) void finish(state)
  }
  const finish = async (state: ChannelState): Promise<void> => {
    await Promise.all([messages.close(), signals.close()])
    notices.clear()
    closed.resolve(state.type === 'ended' ? state.reason : 'denied')
  }
  const subscription = new Subscription(
    {
      ...{ name, wants, clock: port.clock, authorizing: port.authorizing },
      async info() {
        if (info === undefined || kind === 'private') return ''
        try {
          return await sealInfo(info, sealing.messages)
        } catch (cause) {
          notices.emit('infoFailed', { cause })
          return ''
        }
      },
    },
    {
      subscribed(message, by) {
        line = by
        port.publisher.limited(by, message.limits)
        newCount = message.count
      },
      stateChanged,
      authorizeFailed: (cause) => notices.emit('authorizeFailed', { cause }),
    },
  )
  const carriers = createCarriers(
    { subscription, publisher: port.publisher },
    {
      directMessages: sealing.direct,
      directSignals: sealing.signals.counter,
      opened: (event) => missed.opened(event),
    },
  )
  const messages = sealChannel(carriers.messages, sealing.messages)
  const signals = sealChannel(carriers.signals, sealing.signals)
  for (const sealed of [messages, signals]) {
    for (const type of ['dropped', 'unknownKey', 'trouble'] as const) {
      sealed.on(type, (notice) => notices.emit(type, notice as never))
    }
  }
  const members =
    kind === 'private'
      ? undefined
      : new ChannelMembers({
          clock: port.clock,
          ask: (after) => askForPage(subscription, { line, after }),
          open: (text) => openInfo(text, sealing.messages),
          changed: (type, event) => notices.emit(type, event as never),
        })
  const channel: GuardedChannel = {
    ...{ subscription, notices, messages, signals, members, deliver: carriers.deliver },
    ...{ opened: opened.promise, closed: closed.promise },
  }
  return channel
}

/** How messages and signals are sealed: alike, but each numbered by its own counter. spec G56 G97 */
function sealingOf(
  name: ChannelName,
  given: Omit<HubChannelOptions, 'wants' | 'info'>,
  clock: Clock,
): ChannelSealing {
  const { clock: time = clock, replay = new ReplayGuard({ storage: 'none' }) } = given
  const newCounter = (): EventCounter => new EventCounter({ now: time.now() })
  const { counter = newCounter() } = given
  const messages: SealedChannelOptions = {
    context: { kind: 'realtime', scope: 'channel', scopeId: name },
    hideEventNames: true,
    ...given,
    ...{ replay, counter },
  }
  // Their streams differ by chance.
  const another = (...others: readonly EventCounter[]): EventCounter => {
    const next = newCounter()
    return others.some(({ stream }) => stream === next.stream) ? another(...others) : next
  }
  const ofSignals = another(counter)
  return {
    messages,
    signals: { ...messages, counter: ofSignals },
    direct: another(counter, ofSignals),
  }
}

interface ChannelSealing {
  readonly messages: SealedChannelOptions
  readonly signals: SealedChannelOptions & { readonly counter: EventCounter }
  /** Numbers the messages to one member: they make no gaps in what the others get. */
  readonly direct: EventCounter
}

/** Asks the hub for members; `undefined` when the connection or the channel ends before the answer. */
function askForPage(
  subscription: Subscription,
  { line, after }: { readonly line: HubLine | undefined; readonly after: MemberId | '' },
): Promise<MemberPageMessage | undefined> {
  return new Promise((resolve) => {
    const channel = subscription.may('presence') ? subscription.handle : undefined
    if (line === undefined || line.signal.aborted || channel === undefined) {
      return resolve(undefined)
    }
    const ended = (): void => resolve(undefined)
    line.signal.addEventListener('abort', ended)
    line.ask({ type: 'members', channel, after }, (answer) => {
      // A connection may stand for days, and asks for many pages.
      line.signal.removeEventListener('abort', ended)
      resolve(answer.type === 'memberPage' ? answer : undefined)
    })
  })
}

/** The rights that a channel asks for when its application names none. */
const WANTS: Readonly<Record<GuardedKind, readonly Right[]>> = {
  private: ['subscribe', 'publish', 'signal'],
  presence: ['subscribe', 'publish', 'signal', 'presence'],
}
