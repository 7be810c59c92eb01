/**
 * The kinds of arguments with which a room is joined. spec R35
 *
 * @module
 */
import { isIntegerUpTo, isRecord } from '@conclave/base'
import {
  BOOLEAN,
  CLOCK,
  EVENT_TARGET,
  FUNCTION,
  OBJECT,
  OWNER,
  STATEMENTS,
  TEXT,
  WAKE_SIGNALS,
  either,
  oneOf,
  optional,
  withMethods,
  type Kind,
  type Kinds,
} from '../arguments.ts'
import { KEY_LIMITS } from '../keys/key-schedule.ts'
import { PERSON_STORAGE } from '../persons/person-storage.ts'
import type { RoomOptions } from './room-api.ts'

const KEY_LIMIT_NUMBERS: Kind = [
  'limits from 1',
  (limits) =>
    isRecord(limits) &&
    Object.entries(limits).every(
      ([name, limit]) =>
        Object.hasOwn(KEY_LIMITS, name) && isIntegerUpTo(2 ** 32, limit) && Number(limit) > 0,
    ),
]
/** The options of a room. */
export const OPTIONS: Kinds<RoomOptions> = {
  name: optional(TEXT),
  signal: optional(EVENT_TARGET),
  onUnreachable: optional(FUNCTION),
  hub: optional(TEXT),
  authorize: optional(FUNCTION),
  signedMedia: optional(BOOLEAN),
  media: optional(either(either(BOOLEAN, oneOf('required')), FUNCTION)),
  transport: optional(FUNCTION),
  wakeSignals: optional(WAKE_SIGNALS),
  keyLimits: optional(KEY_LIMIT_NUMBERS),
  clock: optional(CLOCK),
  owner: optional(OWNER),
  statements: optional(STATEMENTS),
  persons: optional(either(PERSON_STORAGE, ['false', (value) => value === false])),
  iceServers: optional([
    'an array or a function',
    (value) => Array.isArray(value) || typeof value === 'function',
  ]),
  iceTransportPolicy: optional(oneOf('all', 'relay')),
  createWorker: optional(FUNCTION),
  videoCodecs: optional(['an array', Array.isArray]),
}
/** A link, or its answer, as an argument. */
export const LINK: Kind = either(TEXT, OBJECT)
/** The hub of a target. */
export const HUB: Kind = either(TEXT, FUNCTION)
/** A key source, as an argument. */
export const KEY_SOURCE: Kind = withMethods(
  ...['export', 'on', 'epochEndingIn', 'confirm', 'sealingKey', 'openingKey', 'checkSender'],
)
/** A transport for sealed messages. */
export const TRANSPORT: Kind = withMethods(
  'on',
  'open',
  'canPublish',
  'publish',
  'isPending',
  'close',
)
/** A media transport. */
export const MEDIA_TRANSPORT: Kind = withMethods(
  ...['on', 'addParticipant', 'removeParticipant', 'setTrack', 'resync', 'stats', 'close'],
)
