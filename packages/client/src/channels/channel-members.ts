/**
 * The members of a presence channel: a list while there are few, and a count and pages when there are many. spec G100
 *
 * @module
 */
import { type Clock, TaskQueue } from '@conclave/base'
import { MAX_LISTED_MEMBERS } from '@conclave/wire'
import type { ChannelMember, MemberId, MemberPageMessage } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import { randomFraction } from '../hub/reconnect-delay.ts'
import type { Told } from './hub-line.ts'
import type { OpenedInfo } from './member-info.ts'

/** A member of a presence channel. */
export interface Member {
  readonly id: MemberId
  /** The name of the user, by the word of the hub and of those who authorise; nothing seals it. */
  readonly user: string
  /** The name of the user's device, by the same word. */
  readonly device: string
  /**
   * The member's words about itself, if it gave some that open. You must check their shape. A hub can show those of one
   * member beside the name of another, or old ones: `sender` tells who sealed them.
   */
  readonly info: unknown
  /** The name under which who sealed `info` sends events; `undefined` when `info` did not open. */
  readonly sender: string | undefined
}

/** A part of the members, in the order of the hub. */
export interface MemberPage {
  readonly members: readonly Member[]
  /** All members of the channel. */
  readonly total: number
  /** Ask with it for the page after this one; `undefined`: there is none. */
  readonly next: MemberId | undefined
}

/** The needs of a list of members. */
export interface MembersNeeds {
  readonly clock: Clock
  /** Asks the hub for a page. `undefined` when the connection or the channel ended before the answer. */
  ask(after: MemberId | ''): Promise<MemberPageMessage | undefined>
  open(info: string): Promise<OpenedInfo | undefined>
  changed<T extends keyof MemberEvents>(type: T, event: MemberEvents[T]): void
}

/** The events of members. */
export interface MemberEvents {
  readonly memberJoined: Member
  readonly memberLeft: Member
  /** The count or the list changed. */
  readonly memberCount: {
    readonly count: number
    readonly list: readonly Member[] | undefined
  }
}

/** The members of a presence channel, by the word of the hub. */
export class ChannelMembers {
  readonly #needs: MembersNeeds
  readonly #memberById = new Map<MemberId, Listed>()
  /** The hub's news in its order: infos take time to open. */
  #queue = new TaskQueue({ maxWaiting: MAX_WAITING })
  #isComplete = false
  #isLoading = false
  #count = 0
  #timer: unknown

  get [Symbol.toStringTag](): string {
    return 'ChannelMembers'
  }

  /** Not for applications: `HubChannel.members` has it. */
  constructor(needs: MembersNeeds) {
    this.#needs = needs
  }

  /** How many there are; 0 for who may not see them. */
  get count(): number {
    return this.#count
  }

  /** All members, in no order; `undefined` while they are loaded, and while there are more than the hub lists. */
  get list(): readonly Member[] | undefined {
    return this.#isComplete ? [...this.#memberById.values()].map(({ member }) => member) : undefined
  }

  /**
   * Asks the hub for a part of the members: 100 at most.
   *
   * @param after the `next` of the page before; left out: from the first
   * @throws ClientError `ERR_CLIENT_OVERFLOW`; `ERR_CLIENT_CLOSED` when the connection ended before the answer
   */
  async page(after?: MemberId): Promise<MemberPage> {
    const asking = this.#queue.run(async () => {
      const page = await this.#needs.ask(after ?? '')
      return page === undefined ? undefined : this.#opened(page)
    })
    if (asking === undefined) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    const page = await asking
    if (page === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    const { members, total, next } = page
    return {
      members: members.map(({ member }) => member),
      total,
      next: next === '' ? undefined : next,
    }
  }

  /** The channel is open, with so many members. */
  restart(count: number): void {
    this.stop()
    this.#queue = new TaskQueue({ maxWaiting: MAX_WAITING })
    this.#stale(count)
    if (count <= MAX_LISTED_MEMBERS) this.#load()
  }

  /** The channel is not open any longer: the list stays as it was. */
  stop(): void {
    this.#needs.clock.clearTimeout(this.#timer)
    this.#queue.abandon(new ClientError('ERR_CLIENT_CLOSED', undefined))
    this.#isLoading = false
  }

  /** The hub tells of a member. */
  told(message: Extract<Told, { readonly type: `member${string}` }>): void {
    const queue = this.#queue
    const done = queue.run(async () => {
      if (message.type === 'memberCount') {
        this.#stale(message.count)
        // The hub tells of single members again. spec G18
        return message.count <= MAX_LISTED_MEMBERS ? this.#loadLater() : undefined
      }
      if (message.type === 'memberLeft') return this.#left(message.member)
      const listed = await this.#listed(message.member)
      if (!queue.closed) this.#joined(listed)
    })
    // More came than can be opened: the list is loaded again.
    if (done === undefined && !queue.closed) this.#stale(this.#count)
    done?.catch(() => {})
  }

  /** Opens again the infos that did not open: call it when a key was added. */
  reopen(): void {
    const queue = this.#queue
    const done = queue.run(async () => {
      for (const { sealed, member } of [...this.#memberById.values()]) {
        if (member.sender !== undefined || sealed.info === '') continue
        const listed = await this.#listed(sealed)
        if (queue.closed) return
        if (this.#memberById.has(member.id)) this.#memberById.set(member.id, listed)
      }
      this.#changed()
    })
    done?.catch(() => {})
  }

  #joined(listed: Listed): void {
    const { member } = listed
    const isNew = !this.#memberById.has(member.id)
    if (isNew && this.#memberById.size >= MAX_LIST) return this.#stale(this.#count + 1)
    this.#memberById.set(member.id, listed)
    this.#count = this.#isComplete ? this.#memberById.size : this.#count + (isNew ? 1 : 0)
    if (isNew) this.#needs.changed('memberJoined', member)
    this.#changed()
    this.#loadLater()
  }

  #left(id: MemberId): void {
    const listed = this.#memberById.get(id)
    this.#memberById.delete(id)
    this.#count = this.#isComplete ? this.#memberById.size : Math.max(0, this.#count - 1)
    if (listed !== undefined) this.#needs.changed('memberLeft', listed.member)
    this.#changed()
    this.#loadLater()
  }

  #stale(count: number): void {
    this.#count = count
    this.#isComplete = false
    this.#memberById.clear()
    this.#changed()
  }

  /** The hub tells of single members again, so it lists them. */
  #loadLater(): void {
    if (this.#isComplete || this.#isLoading) return
    const { clock } = this.#needs
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.#load(), randomFraction() * LOAD_SPREAD_MS)
  }

  #load(): void {
    if (this.#isComplete || this.#isLoading) return
    this.#isLoading = true
    const queue = this.#queue
    const next = (after: MemberId | ''): void => {
      const done = queue.run(async () => {
        const answer = await this.#needs.ask(after)
        const page = answer === undefined ? undefined : await this.#opened(answer)
        if (queue.closed) return
        if (page === undefined || page.total > MAX_LIST) {
          this.#isLoading = false
          return
        }
        for (const listed of page.members) this.#memberById.set(listed.member.id, listed)
        if (page.next !== '' && this.#memberById.size < MAX_LIST) return next(page.next)
        this.#isLoading = false
        this.#isComplete = true
        this.#count = this.#memberById.size
        this.#changed()
      })
      done?.catch(() => {})
    }
    next('')
  }

  #changed(): void {
    this.#needs.changed('memberCount', { count: this.#count, list: this.list })
  }

  async #opened({ members, total, next }: MemberPageMessage): Promise<{
    readonly members: readonly Listed[]
    readonly total: number
    readonly next: MemberId | ''
  }> {
    return {
      members: await Promise.all(members.map((member) => this.#listed(member))),
      total,
      next,
    }
  }

  async #listed(sealed: ChannelMember): Promise<Listed> {
    const { id, user, device } = sealed
    const info = await this.#needs.open(sealed.info)
    return { sealed, member: { id, user, device, info: info?.value, sender: info?.sender } }
  }
}

/** A member, and its info as it came: the key may come later. */
interface Listed {
  readonly sealed: ChannelMember
  readonly member: Member
}

/** The most members that are listed, however many a hub lists. */
const MAX_LIST = 1000
const MAX_WAITING = 1024
const LOAD_SPREAD_MS = 2000
