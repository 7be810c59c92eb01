/**
 * Checks of the arguments of public calls, before anything is done with them. spec R35
 *
 * @module
 */
import { describeType, isBytes } from '@conclave/base'
import type { AccessKey } from '@conclave/e2ee'
import { type OwnerKeys, OWNER_FINGERPRINT_BYTES } from '@conclave/e2ee/authority'
import type { SessionKeys } from '@conclave/e2ee/session'
import { parseParticipantId, parseRoomId } from '@conclave/wire'
import type { ClientError } from './errors.ts'

/** The expectation of an argument: in words, and as a test. */
export type Kind = readonly [expected: string, matches: (value: unknown) => boolean]

/** @throws TypeError with the code `ERR_CLIENT_ARGUMENT` that names the argument */
export function checkArgument(argument: string, value: unknown, [expected, matches]: Kind): void {
  if (!matches(value)) throw wrongArgument(argument, value, expected)
}

/** As {@link checkArgument} for the members of an object, each named as if it were an argument. */
export function checkMembers<T extends object>(name: string, value: T, kinds: Kinds<T>): void {
  checkArgument(name, value, OBJECT)
  for (const [member, kind] of Object.entries<Kind>(kinds)) {
    checkArgument(member, value[member as keyof T], kind)
  }
}

/** The kinds of an object's members. */
export type Kinds<T> = { readonly [Name in keyof T]-?: Kind }

/** This, or left out. */
export function optional([expected, matches]: Kind): Kind {
  return [expected, (value) => value === undefined || matches(value)]
}

/** The error for a wrong argument: a `TypeError`, and for `isClientError` an error of this package. */
export function wrongArgument(
  argument: string,
  value: unknown,
  expected: string,
): TypeError & Pick<ClientError<'ERR_CLIENT_ARGUMENT'>, 'code' | 'details'> {
  const error = new TypeError(`"${argument}" expected ${expected}, got ${describeType(value)}`)
  const code = 'ERR_CLIENT_ARGUMENT'
  return Object.assign(error, { name: 'ClientError', code, details: { argument } } as const)
}

/** One or the other. */
export function either(one: Kind, other: Kind): Kind {
  return [`${one[0]} or ${other[0]}`, (value) => one[1](value) || other[1](value)]
}

/** An object with these methods. */
export function withMethods(...methods: readonly string[]): Kind {
  return [
    `an object with ${methods.join(', ')}`,
    (value) => methods.every((name) => typeof Object(value)[name] === 'function'),
  ]
}

/** One of these texts. */
export function oneOf(...texts: readonly string[]): Kind {
  return [texts.join(' or '), (value) => texts.includes(value as string)]
}

const ofType = (type: string): Kind => [type, (value) => typeof value === type]

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isAddress = (value: unknown): boolean => {
  try {
    return typeof value === 'string' && /^wss?:$/.test(new URL(value).protocol)
  } catch {
    return false
  }
}

/** Text of one to so many UTF-16 units. */
export const textUpTo = (most: number): Kind => [
  `1 to ${most} characters`,
  (value) => typeof value === 'string' && value !== '' && value.length <= most,
]
export const TEXT: Kind = ofType('string')
export const FUNCTION: Kind = ofType('function')
export const BOOLEAN: Kind = ofType('boolean')
export const OBJECT: Kind = ['an object', isObject]
export const ADDRESS: Kind = ['the address of a WebSocket', isAddress]
export const ROOM_ID: Kind = ['a room id', (value) => parseRoomId(value) !== undefined]
export const PARTICIPANT_ID: Kind = [
  'a participant id',
  (value) => parseParticipantId(value) !== undefined,
]
export const SESSION: Kind = [
  'the keys of a session',
  (value) =>
    withMethods('sign')[1](value) && parseParticipantId((value as SessionKeys).id) !== undefined,
]
export const CLOCK: Kind = withMethods('now', 'setTimeout', 'clearTimeout')
/** An `AbortSignal`, a page, a document. */
export const EVENT_TARGET: Kind = withMethods('addEventListener', 'removeEventListener')
export const WAKE_SIGNALS: Kind = withMethods('subscribe')
/** The keys of a room's owner, of any copy of `e2ee`. */
export const OWNER: Kind = [
  'the keys of an owner',
  (value) =>
    withMethods('unsafeExport', 'toStored')[1](value) && isBytes((value as OwnerKeys).publicKey),
]
/** The fingerprint of a room's owner. */
export const OWNER_FINGERPRINT: Kind = [
  '16 bytes',
  (value) => isBytes(value) && value.length === OWNER_FINGERPRINT_BYTES,
]
/** As many as a member repeats (spec U15): policies, and acts of either kind. */
const MAX_STATEMENTS = 8 + 2 * 4096
export const STATEMENTS: Kind = [
  'statements of a room',
  (value) => Array.isArray(value) && value.length <= MAX_STATEMENTS && value.every(isBytes),
]
export const ACCESS_KEY: Kind = [
  'a key with publicKey and sign',
  (value) => withMethods('sign')[1](value) && isBytes((value as AccessKey).publicKey),
]
