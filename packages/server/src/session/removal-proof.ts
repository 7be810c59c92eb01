import { ByteReader, compareBytes, concatBytes, equalBytes, textToBytes } from '@conclave/base'
import { deriveOwnerFingerprintBytes, isSmallOrder, verifySignature } from '@conclave/crypto/verify'
import { idToBytes } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'

/** The room and the session that statements are to remove. */
export interface Removal {
  readonly room: RoomId
  /** The fingerprint of the room's owner, which the join proved. */
  readonly owner: Uint8Array
  readonly participant: ParticipantId
  /** One or two: a policy of the owner, an act of a host, or both. */
  readonly statements: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * Whether the statements of a room's owner and hosts remove a session: a policy of the owner that names it, an act of
 * the owner, or an act of a host that the policy beside it appoints. Never throws for input. spec H37, chapter authority
 */
export async function verifyRemoval(removal: Removal): Promise<boolean> {
  let hosts: readonly Uint8Array[] = []
  let number = 0
  for (const statement of removal.statements) {
    const policy = await verifyPolicy(statement, removal)
    if (policy === undefined) continue
    const session = idToBytes(removal.participant)
    if (policy.removed.some((id) => equalBytes(id, session))) return true
    hosts = policy.hosts
    number = policy.number
  }
  for (const statement of removal.statements) {
    const act = await verifyAct(statement, removal)
    if (act === undefined) continue
    if (equalBytes(await deriveOwnerFingerprintBytes(act.person), removal.owner)) return true
    if (act.number <= number && hosts.some((host) => equalBytes(host, act.person))) return true
  }
  return false
}

interface Policy {
  readonly number: number
  readonly hosts: readonly Uint8Array[]
  readonly removed: readonly Uint8Array[]
}

/** spec U4 */
async function verifyPolicy(
  bytes: Uint8Array<ArrayBuffer>,
  { room, owner }: Removal,
): Promise<Policy | undefined> {
  const reader = new ByteReader(bytes)
  if (reader.uint(1) !== VERSION || reader.uint(1) !== POLICY) return undefined
  const ownerKey = reader.copy(KEY_BYTES)
  const number = reader.uint(8)
  const [rule, history, flags] = [reader.uint(1), reader.uint(1), reader.uint(1)]
  const hosts = readEntries(reader, reader.uint(1), { length: KEY_BYTES, max: MAX_HOSTS })
  const removed = readEntries(reader, reader.uint(2), { length: ID_BYTES, max: MAX_REMOVED })
  const content = bytes.slice(0, reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  if (!reader.ok || reader.left > 0 || number < 1) return undefined
  if (rule > 2 || history > 1 || flags > 1 || hosts === undefined || removed === undefined) {
    return undefined
  }
  const isNoId = (id: Uint8Array): boolean => id.every((byte) => byte === 0)
  if (removed.some(isNoId) || hosts.some((key) => isSmallOrder('Ed25519', key))) return undefined
  if (!equalBytes(await deriveOwnerFingerprintBytes(ownerKey), owner)) return undefined
  const signed = concatBytes(labelled('policy'), idToBytes(room), content)
  return (await verifySignature(ownerKey, signature, signed))
    ? { number, hosts, removed }
    : undefined
}

/** The person that removes the session. spec U9, C9 */
async function verifyAct(
  bytes: Uint8Array<ArrayBuffer>,
  { room, participant }: Removal,
): Promise<{ readonly number: number; readonly person: Uint8Array<ArrayBuffer> } | undefined> {
  const reader = new ByteReader(bytes)
  const head = [reader.uint(1), reader.uint(1), reader.uint(1)]
  const session = reader.copy(ID_BYTES)
  const number = reader.uint(8)
  const signingKey = reader.copy(KEY_BYTES)
  const person = reader.copy(KEY_BYTES)
  const certificate = reader.copy(SIGNATURE_BYTES)
  const content = bytes.slice(0, reader.at)
  const signature = reader.copy(SIGNATURE_BYTES)
  if (!reader.ok || reader.left > 0 || head.join() !== [VERSION, ACT, REMOVES].join()) {
    return undefined
  }
  if (!equalBytes(session, idToBytes(participant))) return undefined
  const certified = concatBytes(labelled('person'), idToBytes(room), signingKey)
  const signed = concatBytes(labelled('host'), idToBytes(room), content)
  const isTrue =
    (await verifySignature(signingKey, signature, signed)) &&
    (await verifySignature(person, certificate, certified))
  return isTrue ? { number, person } : undefined
}

/** Entries in their one order. */
function readEntries(
  reader: ByteReader,
  count: number,
  { length, max }: { readonly length: number; readonly max: number },
): readonly Uint8Array[] | undefined {
  if (count > max || count * length > reader.left) return undefined
  const entries = Array.from({ length: count }, () => reader.copy(length))
  const isSorted = entries.every((entry, at) => {
    const before = entries[at - 1]
    return before === undefined || compareBytes(before, entry) < 0
  })
  return isSorted ? entries : undefined
}

const labelled = (purpose: string): Uint8Array => textToBytes(`conclave/1 ${purpose}\0`)

const VERSION = 1
const POLICY = 1
const ACT = 2
const REMOVES = 2
const MAX_HOSTS = 64
const MAX_REMOVED = 1024
const ID_BYTES = 16
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
