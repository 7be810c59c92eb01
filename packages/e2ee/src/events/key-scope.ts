import { checkObject, checkText, describeType } from '@conclave/base'
import { MAX_CONTEXT_BYTES } from './event-context.ts'
import type { CheckedContext, EventKind } from './event-context.ts'

/** The only channel of a key: that of events, by kind, scope and id; or the room of `createSealer`. spec P38 */
export type KeyScope =
  | { readonly kind: 'chat'; readonly roomId: string }
  | { readonly kind: 'call'; readonly callId: string }
  | { readonly kind: 'realtime'; readonly scope: string; readonly scopeId: string }
  | { readonly kind: 'message'; readonly room: string }

/** Names the channel of an event: lengths keep two of them apart. The channel of a message is its room id, which has no spaces. */
export function channelOf(
  kind: EventKind,
  { ids: [first = '', second] }: Pick<CheckedContext, 'ids'>,
): string {
  return `${kind} ${first.length} ${first}${kind === 'realtime' ? second : ''}`
}

/**
 * The channel that a scope names.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function channelOfScope(given: unknown): string {
  checkObject('onlyFor', given)
  const scope = given as { readonly [name: string]: unknown }
  const id = (name: string): string =>
    checkText(name, scope[name], { min: 1, max: MAX_CONTEXT_BYTES })
  switch (scope['kind']) {
    case 'chat':
      return channelOf('chat', { ids: [id('roomId')] })
    case 'call':
      return channelOf('call', { ids: [id('callId')] })
    case 'realtime':
      return channelOf('realtime', { ids: [id('scope'), id('scopeId')] })
    case 'message':
      return id('room')
    default:
      throw new TypeError(
        `"onlyFor.kind" expected "chat", "call", "realtime" or "message", got ${describeType(scope['kind'])}`,
      )
  }
}
