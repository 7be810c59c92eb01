import type { Brand } from '@conclave/wire'

/** Something that a grant allows in one channel. */
export type Right = 'subscribe' | 'publish' | 'signal' | 'presence' | 'history' | 'commit' | 'call'

/** Names a guarded channel: `private-…` or `presence-…`. */
export type ChannelName = Brand<string, 'ChannelName'>

/** The kinds of channels whose members someone whom the operator trusts decides about. */
export type GuardedKind = 'private' | 'presence'

/** Whether a value may name a user: printable ASCII without spaces. */
export function isUserName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 128 && /^[\x21-\x7e]+$/.test(value)
}

/** Whether a value may name a device of a user: printable ASCII without spaces. */
export function isDeviceName(value: unknown): value is string {
  return isUserName(value) && value.length <= 64
}

/** The rights of a list or a set that has nothing else; `undefined` for other values. */
export function readRights(value: unknown): ReadonlySet<Right> | undefined {
  const isList = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Set]'
  if (!isList) return undefined
  const rights = new Set<unknown>(value as Iterable<unknown>)
  const isKnown = [...rights].every((right) => RIGHTS.includes(right))
  return isKnown ? (rights as Set<Right>) : undefined
}

const RIGHTS: readonly unknown[] = [
  ...['subscribe', 'publish', 'signal', 'presence', 'history', 'commit', 'call'],
]
