import { describeType } from '@conclave/base'
import { checkEventName } from './event-name.ts'
import type { EventTransport } from './transport.ts'

/**
 * The names that a caller declares clear; a copy, which the caller's list no longer changes. spec T17
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkClearNames(
  clear: unknown,
  transport: Pick<EventTransport, 'checkName'>,
): ReadonlySet<string> {
  if (!Array.isArray(clear)) {
    throw new TypeError(`"clear" expected a list of event names, got ${describeType(clear)}`)
  }
  const names = new Set<string>()
  for (const name of clear as readonly unknown[]) {
    checkClearName(name, transport)
    if (names.has(name))
      throw new RangeError(`"clear" expected each name once, got "${name}" twice`)
    names.add(name)
  }
  return names
}

function checkClearName(
  name: unknown,
  transport: Pick<EventTransport, 'checkName'>,
): asserts name is string {
  try {
    checkEventName(name)
    transport.checkName?.(name)
  } catch (cause) {
    const Kind = typeof name === 'string' ? RangeError : TypeError
    throw new Kind(`"clear" expected event names: ${(cause as Error).message}`, { cause })
  }
}
