import { checkObject, checkText } from '@conclave/base'

/** The kind of an event. It is authenticated: an event sealed as one kind never opens as another. spec P23 */
export type EventKind = 'chat' | 'call' | 'realtime'

/** Where a chat message belongs. spec P23 */
export interface ChatContext {
  readonly roomId: string
  readonly messageId: string
}

/** Where a call signal (offer, answer, candidate, state) belongs. spec P23 */
export interface CallSignalContext {
  readonly callId: string
  readonly eventName: string
}

/** Where any other event belongs. spec P23 */
export interface RealtimeContext {
  readonly scope: string
  readonly scopeId: string
  readonly eventName: string
}

/** Where an event belongs, by its kind. */
export type EventContext =
  | (ChatContext & { readonly kind: 'chat' })
  | (CallSignalContext & { readonly kind: 'call' })
  | (RealtimeContext & { readonly kind: 'realtime' })

/** As {@link EventContext}, for opening: a receiver that expects a hidden event name leaves it out. spec P44 */
export type ExpectedEventContext =
  | (ChatContext & { readonly kind: 'chat' })
  | (Omit<CallSignalContext, 'eventName'> & { readonly kind: 'call'; readonly eventName?: string })
  | (Omit<RealtimeContext, 'eventName'> & {
      readonly kind: 'realtime'
      readonly eventName?: string
    })

/** A context after its check, as byte strings in the order in which they are authenticated. spec P22 */
export interface CheckedContext {
  /** The ids, without the event name. */
  readonly ids: readonly string[]
  /** `undefined` where the kind has none, or where the caller left it out. */
  readonly eventName: string | undefined
  /** The event name as the caller wrote it. */
  readonly givenName: string | undefined
}

/** The most bytes that one id or name of a context has in UTF-8. spec P23 */
export const MAX_CONTEXT_BYTES = 1024

/**
 * Checks and takes over a context. `nameOptional`: an event name may be left out.
 *
 * @throws TypeError, RangeError that name the argument. spec P46
 */
export function checkContext(
  kind: EventKind,
  context: unknown,
  { nameOptional }: { readonly nameOptional: boolean },
): CheckedContext {
  checkObject('context', context)
  const given = context as { readonly [name: string]: unknown }
  const id = (name: string): string =>
    checkText(name, given[name], { min: 1, max: MAX_CONTEXT_BYTES })
  if (kind === 'chat') {
    return { ids: [id('roomId'), id('messageId')], eventName: undefined, givenName: undefined }
  }
  const givenName = given['eventName'] as string | undefined
  const eventName = nameOptional && givenName === undefined ? undefined : id('eventName')
  const ids = kind === 'call' ? [id('callId')] : [id('scope'), id('scopeId')]
  return { ids, eventName, givenName }
}
