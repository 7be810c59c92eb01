import type { Clock } from '@conclave/base'
import { MAX_CONTROL_BYTES, MAX_LISTED_MEMBERS } from '@conclave/wire'
import type { ChannelMember, MemberId } from '@conclave/wire'
import type { MembershipId } from '../engine/membership-id.ts'

/** A change that others see. */
export interface RosterChange {
  /** `changed`: it is here already, and says something else about itself. */
  readonly type: 'joined' | 'changed' | 'left'
  readonly member: ChannelMember
}

/** The parts of a {@link Roster}. */
export interface RosterOptions {
  readonly clock: Clock
  /** How long a member whose connections were lost stays. */
  readonly graceMs: number
  readonly onChange: (change: RosterChange) => void
}

/** Members of a presence channel, in the order of their ids. */
export interface MemberPage {
  readonly members: readonly ChannelMember[]
  readonly total: number
  /** Begins the next page; empty when there is none. */
  readonly next: MemberId | ''
}

/** The members of a presence channel: each is there while one of its connections is, and a while after the last one was lost. spec G17 */
export class Roster {
  readonly #options: RosterOptions
  readonly #knownById = new Map<MemberId, Known>()
  readonly #idByEntry = new Map<MembershipId, MemberId>()
  /** The ids in their order. */
  readonly #ids: MemberId[] = []
  #waiting = 0

  constructor(options: RosterOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#ids.length
  }

  /** Whether a member is waited for. */
  get isWaiting(): boolean {
    return this.#waiting > 0
  }

  /** Whether a member has a connection. */
  has(id: MemberId): boolean {
    return (this.#knownById.get(id)?.entries.size ?? 0) > 0
  }

  /** The connections by which a member is there. */
  entriesOf(id: MemberId): Iterable<MembershipId> {
    return this.#knownById.get(id)?.entries ?? []
  }

  /** A connection of a member entered. */
  entered(entry: MembershipId, member: ChannelMember): void {
    const known = this.#knownById.get(member.id) ?? this.#add(member)
    this.#stopWaiting(known)
    known.entries.add(entry)
    this.#idByEntry.set(entry, member.id)
    if (known.isNew) {
      known.isNew = false
      return this.#options.onChange({ type: 'joined', member })
    }
    if (known.member.info === member.info) return
    known.member = member
    this.#options.onChange({ type: 'changed', member })
  }

  /** A connection of a member is gone. */
  left(entry: MembershipId, reason: 'left' | 'lost'): void {
    const id = this.#idByEntry.get(entry)
    const known = id === undefined ? undefined : this.#knownById.get(id)
    this.#idByEntry.delete(entry)
    if (known === undefined) return
    known.entries.delete(entry)
    if (known.entries.size > 0) return
    if (reason === 'left') return this.#remove(known)
    this.#waiting += 1
    known.timer = this.#options.clock.setTimeout(() => this.#remove(known), this.#options.graceMs)
  }

  /** The members after one, as many as `limit` and a control message allow. */
  page(after: MemberId | '', limit: number = MAX_LISTED_MEMBERS): MemberPage {
    const members: ChannelMember[] = []
    let bytes = PAGE_HEAD_BYTES
    const start = after === '' ? 0 : this.#indexAfter(after)
    for (let at = start; at < this.#ids.length && members.length < limit; at += 1) {
      const member = this.#memberAt(at)
      bytes += JSON.stringify(member).length + 1
      if (bytes > MAX_CONTROL_BYTES) break
      members.push(member)
    }
    const last = members.at(-1)
    const isEnd = last === undefined || start + members.length >= this.#ids.length
    return { members, total: this.#ids.length, next: isEnd ? '' : last.id }
  }

  /** Waits for nobody. */
  stop(): void {
    for (const known of this.#knownById.values()) this.#stopWaiting(known)
  }

  #add(member: ChannelMember): Known {
    const known: Known = { member, entries: new Set(), isNew: true, timer: undefined }
    this.#knownById.set(member.id, known)
    this.#ids.splice(this.#indexAfter(member.id), 0, member.id)
    return known
  }

  #remove(known: Known): void {
    const { member } = known
    this.#stopWaiting(known)
    this.#knownById.delete(member.id)
    this.#ids.splice(this.#indexAfter(member.id) - 1, 1)
    this.#options.onChange({ type: 'left', member })
  }

  #stopWaiting(known: Known): void {
    if (known.timer === undefined) return
    this.#options.clock.clearTimeout(known.timer)
    known.timer = undefined
    this.#waiting -= 1
  }

  #memberAt(at: number): ChannelMember {
    const known = this.#knownById.get(this.#ids[at] as MemberId)
    if (known === undefined) throw new Error('unreachable: an id in order that nobody has')
    return known.member
  }

  /** The first place whose id is larger: by halves, because a channel may have thousands. */
  #indexAfter(id: MemberId): number {
    let [low, high] = [0, this.#ids.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#ids[middle] ?? '') <= id) low = middle + 1
      else high = middle
    }
    return low
  }
}

interface Known {
  member: ChannelMember
  readonly entries: Set<MembershipId>
  /** Nobody was told of it yet. */
  isNew: boolean
  timer: unknown
}

/** The members of a `memberPage` beside the list, and some more. */
const PAGE_HEAD_BYTES = 256
