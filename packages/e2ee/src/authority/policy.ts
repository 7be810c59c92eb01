import {
  ByteReader,
  checkInteger,
  compareBytes,
  concatBytes,
  copyBytes,
  decodeBytes,
  uintToBytes,
} from '@conclave/base'
import { CURVE_KEY_BYTES, SIGNATURE_BYTES } from '@conclave/crypto'
import { isSmallOrder } from '@conclave/crypto/verify'
import { bytesToParticipantId, ID_BYTES } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import { participantToBytes } from '../session/statements.ts'

/** The most hosts that a policy appoints. spec U4 */
export const MAX_HOSTS = 64

/** The most removed sessions that one policy names. spec U4 */
export const MAX_REMOVED_PER_POLICY = 1024

/** The rule by which somebody is let in: by everyone, by the owner and the hosts, or by nobody. spec U13 */
export type AdmissionRule = (typeof RULES)[number]

/** The messages that are repeated to newcomers: none, or those of the call while it lasts. spec U4 */
export type HistoryRule = (typeof HISTORIES)[number]

/** Everything that the owner of a room sets, as one statement says it. spec U4 */
export interface Policy {
  /** From 1; the highest one counts. spec U6 */
  readonly number: number
  readonly rule: AdmissionRule
  readonly history: HistoryRule
  /** Whether the link lets nobody in from now on, for good. spec U7 */
  readonly invitationEnded: boolean
  /** The keys of the persons that may admit and remove, in any order, each once. */
  readonly hosts: readonly Uint8Array[]
  /** Sessions that the owner removed, for good, in any order, each once. spec U7 */
  readonly removed: readonly ParticipantId[]
}

/** A policy with the key of its owner and the parts of its statement. */
export interface DecodedPolicy {
  readonly policy: Policy
  readonly ownerKey: Uint8Array<ArrayBuffer>
  /** Everything before the signature. */
  readonly content: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
}

/**
 * Everything of a statement before the signature. spec U4
 *
 * @throws TypeError, RangeError that name the argument
 */
export function encodePolicy(
  policy: Policy,
  { ownerKey }: { readonly ownerKey: Uint8Array },
): Uint8Array<ArrayBuffer> {
  const number = checkInteger('number', policy.number, { min: 1, max: Number.MAX_SAFE_INTEGER })
  const hosts = policy.hosts.map((key) => copyBytes('hosts', key, CURVE_KEY_BYTES))
  const removed = policy.removed.map((id) => participantToBytes('removed', id))
  if (hosts.some((key) => isSmallOrder('Ed25519', key))) {
    throw new RangeError('"hosts" expected keys that only their owners can sign under')
  }
  return concatBytes(
    [VERSION, POLICY_TYPE],
    ownerKey,
    uintToBytes(number, 8),
    [indexOf('rule', RULES, policy.rule), indexOf('history', HISTORIES, policy.history)],
    [policy.invitationEnded ? ENDED : 0, hosts.length],
    ...sortEntries('hosts', hosts, MAX_HOSTS),
    uintToBytes(removed.length, 2),
    ...sortEntries('removed', removed, MAX_REMOVED_PER_POLICY),
  )
}

/**
 * Decodes the statement of a policy, and copies it. Returns `undefined`, not throws, for anything that
 * {@link encodePolicy} and a signature do not make. Verifies nothing. spec U4, U5
 */
export function decodePolicy(given: unknown): DecodedPolicy | undefined {
  const bytes = decodeBytes(given, { min: MIN_POLICY_BYTES, max: MAX_POLICY_BYTES })
  if (bytes === undefined) return undefined
  const reader = new ByteReader(bytes)
  if (reader.uint(1) !== VERSION || reader.uint(1) !== POLICY_TYPE) return undefined
  const ownerKey = reader.copy(CURVE_KEY_BYTES)
  const number = reader.uint(8)
  const rule = RULES[reader.uint(1)]
  const history = HISTORIES[reader.uint(1)]
  const flags = reader.uint(1)
  const hosts = readEntries(reader, reader.uint(1), [MAX_HOSTS, CURVE_KEY_BYTES])
  const ids = readEntries(reader, reader.uint(2), [MAX_REMOVED_PER_POLICY, ID_BYTES])
  const content = bytes.slice(0, reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  if (!reader.ok || reader.left > 0 || number < 1 || flags > ENDED) return undefined
  if (rule === undefined || history === undefined || !hosts || !ids) return undefined
  const removed = ids.map(bytesToParticipantId).filter((id) => id !== undefined)
  if (removed.length < ids.length || hosts.some((key) => isSmallOrder('Ed25519', key)))
    return undefined
  const invitationEnded = flags === ENDED
  const policy = { number, rule, history, invitationEnded, hosts, removed }
  return { policy, ownerKey, content, signature }
}

function indexOf(name: string, values: readonly string[], value: string): number {
  const index = values.indexOf(value)
  if (index < 0) throw new RangeError(`"${name}" expected one of ${values.join(', ')}`)
  return index
}

function sortEntries(
  name: string,
  entries: readonly Uint8Array<ArrayBuffer>[],
  max: number,
): readonly Uint8Array<ArrayBuffer>[] {
  if (entries.length > max) {
    throw new RangeError(`"${name}" expected at most ${max} entries, got ${entries.length}`)
  }
  const sorted = [...entries].sort(compareBytes)
  if (isSorted(sorted)) return sorted
  throw new RangeError(`"${name}" expected each entry once`)
}

function readEntries(
  reader: ByteReader,
  count: number,
  [max, length]: readonly [number, number],
): readonly Uint8Array<ArrayBuffer>[] | undefined {
  if (count > max || count * length > reader.left) return undefined
  const entries = Array.from({ length: count }, () => reader.copy(length))
  return isSorted(entries) ? entries : undefined
}

const isSorted = (entries: readonly Uint8Array[]): boolean =>
  entries.every((entry, index) => {
    const before = entries[index - 1]
    return before === undefined || compareBytes(before, entry) < 0
  })

/** The version of all statements. */
export const VERSION = 1
/** The second byte of a policy. */
const POLICY_TYPE = 1
const RULES = ['open', 'ask', 'locked'] as const
const HISTORIES = ['none', 'call'] as const
const ENDED = 1
const MIN_POLICY_BYTES = 2 + CURVE_KEY_BYTES + 8 + 4 + 2 + SIGNATURE_BYTES
/** The longest statement of a policy, in bytes. spec U4 */
export const MAX_POLICY_BYTES: number =
  MIN_POLICY_BYTES + MAX_HOSTS * CURVE_KEY_BYTES + MAX_REMOVED_PER_POLICY * ID_BYTES
