import { checkString, isWellFormed } from '@conclave/base'
import { HIDDEN_EVENT_NAME } from '@conclave/e2ee'
import { MAX_EVENT_NAME_LENGTH } from '../limits.ts'
import type { ChannelNotices } from './channel-events.ts'

/**
 * Checks the name of an event of the application.
 *
 * @throws TypeError, RangeError that name the argument. spec T2
 */
export function checkEventName(name: unknown): asserts name is string {
  checkString('eventName', name)
  if (!isEventName(name)) {
    throw new RangeError(
      `"eventName" expected 1 to ${MAX_EVENT_NAME_LENGTH} characters of well-formed text`,
    )
  }
  if (name === HIDDEN_EVENT_NAME || isNotice(name) || name.startsWith(DIRECT)) {
    throw new RangeError(`"eventName" expected a name that is not reserved, got "${name}"`)
  }
}

/** Whether carriers can carry an event under this name. spec T2 */
export function isEventName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= MAX_EVENT_NAME_LENGTH &&
    isWellFormed(name)
  )
}

/** The name under which an event for one recipient is sealed, so that it opens for nobody else. spec G56 */
export function directName(to: string, eventName: string): string {
  return `${DIRECT}${to} ${eventName}`
}

/** The parts of the name of an event that opened; `to` is `undefined` for an event to everybody. */
export function splitName(name: string): {
  readonly to: string | undefined
  readonly eventName: string
} {
  if (!name.startsWith(DIRECT)) return { to: undefined, eventName: name }
  const end = name.indexOf(' ', DIRECT.length)
  return { to: name.slice(DIRECT.length, end), eventName: end < 0 ? '' : name.slice(end + 1) }
}

/** Whether a name is that of a notice. */
export function isNotice(name: string): name is keyof ChannelNotices {
  return Object.hasOwn(NOTICES, name)
}

const NOTICES: { readonly [T in keyof ChannelNotices]: true } = {
  dropped: true,
  unknownKey: true,
  trouble: true,
}

/** No event of an application has a name that begins so. */
const DIRECT = 'conclave/to '
