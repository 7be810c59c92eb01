import { BoundedMap, compareBytes, encodeBase64Url, equalBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { DecodedHostStatement, HostAct, SignedHostStatement } from './host-statement.ts'
import type { SignedPolicy } from './policy-statement.ts'

/** The acts that a member keeps of hosts, and of others in case a policy appoints them. spec U15 */
export class HostActs {
  readonly #removals = new Map<string, SignedHostStatement>()
  readonly #admissions = new BoundedMap<string, SignedHostStatement>(MAX_ADMISSIONS)
  readonly #strangers = new BoundedMap<string, SignedHostStatement>(MAX_STRANGERS)
  #policy: SignedPolicy | undefined

  get [Symbol.toStringTag](): string {
    return 'HostActs'
  }

  /** Whether these very bytes are kept: they need not be verified again. */
  holds(decoded: DecodedHostStatement): boolean {
    const keys = [decoded.person.personKey, OWNER].map((person) => keyOf(decoded, person))
    return [this.#removals, this.#admissions, this.#strangers].some((table) =>
      keys.some((key) => {
        const kept = table.get(key)
        return kept !== undefined && equalBytes(kept.bytes, decoded.bytes)
      }),
    )
  }

  /** Keeps an act: `known` if it says nothing new, `full` if there is no space for another removal. spec U15 */
  keep(statement: SignedHostStatement): 'kept' | 'known' | 'full' {
    const key = keyOf(statement, statement.isOwner ? OWNER : statement.personKey)
    const table = this.#tableOf(statement)
    const before = table.get(key)
    if (before !== undefined && compareActs(before, statement) <= 0) return 'known'
    if (table === this.#removals && before === undefined && table.size >= MAX_TOMBSTONES) {
      return 'full'
    }
    table.set(key, statement)
    return 'kept'
  }

  /** Whether an act stands under the policy that counts. spec U10 */
  stands({ number, isOwner, personKey }: SignedHostStatement): boolean {
    return number <= this.#number && (isOwner || isHost(this.#policy, personKey))
  }

  /** Whether some act of this kind on the session stands. spec U10 */
  has(act: HostAct, session: ParticipantId): boolean {
    const table = act === 'remove' ? this.#removals : this.#admissions
    return [OWNER, ...(this.#policy?.policy.hosts ?? [])].some((person) => {
      const statement = table.get(keyOf({ act, session }, person))
      return statement !== undefined && statement.number <= this.#number
    })
  }

  /**
   * Judges all acts by another policy: those of persons that lost their place no longer stand. Returns `false` if there
   * is no space for all removals. spec U10, U15
   */
  setPolicy(policy: SignedPolicy): boolean {
    const all = [...this]
    this.#policy = policy
    this.#removals.clear()
    this.#admissions.clear()
    this.#strangers.clear()
    return all.filter((statement) => this.keep(statement) === 'full').length === 0
  }

  /** The acts of the owner and of hosts, in any order. */
  ofHosts(): readonly SignedHostStatement[] {
    return [...this.#removals.values(), ...[...this.#admissions].map(([, statement]) => statement)]
  }

  *[Symbol.iterator](): Generator<SignedHostStatement> {
    for (const [, statement] of this.#strangers) yield statement
    yield* this.ofHosts()
  }

  get #number(): number {
    return this.#policy?.policy.number ?? 0
  }

  #tableOf({
    act,
    isOwner,
    personKey,
  }: SignedHostStatement):
    | BoundedMap<string, SignedHostStatement>
    | Map<string, SignedHostStatement> {
    if (!isOwner && !isHost(this.#policy, personKey)) return this.#strangers
    return act === 'remove' ? this.#removals : this.#admissions
  }
}

/** Whether a policy appoints a person, or the person is its owner. */
export function isHost(policy: SignedPolicy | undefined, personKey: Uint8Array): boolean {
  if (policy === undefined) return false
  return [policy.ownerKey, ...policy.policy.hosts].some((key) => equalBytes(key, personKey))
}

/** Negative if the first one stands earlier; of those that stand together the bytes decide. */
function compareActs(one: SignedHostStatement, other: SignedHostStatement): number {
  return one.number - other.number || compareBytes(one.bytes, other.bytes)
}

function keyOf(
  { act, session }: { readonly act: HostAct; readonly session: ParticipantId },
  person: Uint8Array,
): string {
  return `${act} ${session} ${encodeBase64Url(person)}`
}

/** Stands for the person key of the owner, which a member knows only with the first policy. */
const OWNER = new Uint8Array()
/** The most removals that a member keeps, of the owner's policies and of hosts each. spec U15 */
export const MAX_TOMBSTONES = 4096
const MAX_ADMISSIONS = 4096
const MAX_STRANGERS = 256
