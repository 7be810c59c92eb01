import { HIDDEN_EVENT_NAME } from '@conclave/e2ee'
import type { ChannelNotices } from './channel-events.ts'
import { isWellFormed, kindOf } from './channel-options.ts'
import { MAX_EVENT_NAME_LENGTH } from '../limits.ts'

/**
 * Checks a name that the caller gave to an event of its own.
 *
 * @throws TypeError, RangeError. spec T2
 */
export function checkEventName(name: unknown): void {
  if (typeof name !== 'string') {
    throw new TypeError(`"eventName" expected string, got ${kindOf(name)}`)
  }
  if (!isEventName(name)) {
    throw new RangeError(
      `"eventName" expected 1 to ${MAX_EVENT_NAME_LENGTH} characters of well-formed text`,
    )
  }
  if (name === HIDDEN_EVENT_NAME || isNotice(name)) {
    throw new RangeError(`"eventName" expected another name than "${name}", which is reserved`)
  }
}

/** Whether it can be the name that an event is carried under. spec T2 */
export function isEventName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= MAX_EVENT_NAME_LENGTH &&
    isWellFormed(name)
  )
}

/** Whether it is the name of a notice. */
export function isNotice(name: string): name is keyof ChannelNotices {
  return Object.hasOwn(NOTICES, name)
}

const NOTICES: { readonly [T in keyof ChannelNotices]: true } = {
  dropped: true,
  unknownKey: true,
  trouble: true,
}
