/** Somebody connected. */
export interface Subscriber {
  readonly socketId: string
  say(message: {
    readonly event: string
    readonly channel: string
    readonly data: unknown
    readonly user_id?: string
  }): void
}

/** Who is on a presence channel. */
export interface PresenceMember {
  readonly user_id: string
  readonly user_info?: unknown
}

/** Who is on which channel. A name begins with what the channel is. */
export class PusherChannels {
  readonly #subscriptionsByChannel = new Map<string, Map<Subscriber, PresenceMember | undefined>>()

  /** The occupied channels. */
  get names(): readonly string[] {
    return [...this.#subscriptionsByChannel.keys()]
  }

  has(channel: string, subscriber: Subscriber): boolean {
    return this.#subscriptionsByChannel.get(channel)?.has(subscriber) === true
  }

  /** Adds a subscriber, tells it, and tells the others when a member is new. */
  join(channel: string, subscriber: Subscriber, member: PresenceMember | undefined): void {
    const subscriptions = this.#subscriptionsByChannel.get(channel) ?? new Map()
    const isNew = member !== undefined && !this.#members(channel).has(member.user_id)
    this.#subscriptionsByChannel.set(channel, subscriptions)
    subscriptions.set(subscriber, member)
    const data = member === undefined ? {} : this.#presence(channel)
    const event = 'pusher_internal:subscription_succeeded'
    subscriber.say({ event, channel, data: JSON.stringify(data) })
    if (!isNew) return
    const joined = { event: 'pusher_internal:member_added', data: JSON.stringify(member) }
    this.broadcast({ ...joined, channel }, { except: subscriber.socketId })
  }

  /** Removes a subscriber, and tells the others when a member has no connection left. */
  leave(channel: string, subscriber: Subscriber): void {
    const subscriptions = this.#subscriptionsByChannel.get(channel)
    const member = subscriptions?.get(subscriber)
    if (subscriptions?.delete(subscriber) !== true) return
    if (subscriptions.size === 0) this.#subscriptionsByChannel.delete(channel)
    if (member === undefined || this.#members(channel).has(member.user_id)) return
    const data = JSON.stringify({ user_id: member.user_id })
    this.broadcast({ event: 'pusher_internal:member_removed', channel, data }, {})
  }

  /** Removes a subscriber from everywhere. */
  leaveAll(subscriber: Subscriber): void {
    for (const channel of this.names) this.leave(channel, subscriber)
  }

  /** The member that a subscriber is. */
  memberOf(channel: string, subscriber: Subscriber): PresenceMember | undefined {
    return this.#subscriptionsByChannel.get(channel)?.get(subscriber)
  }

  /** Says it to all subscribers but one. */
  broadcast(
    message: Parameters<Subscriber['say']>[0],
    { except }: { readonly except?: string | undefined },
  ): void {
    const subscriptions = this.#subscriptionsByChannel.get(message.channel)
    for (const subscriber of [...(subscriptions?.keys() ?? [])]) {
      if (subscriber.socketId !== except) subscriber.say(message)
    }
  }

  #members(channel: string): Map<string, unknown> {
    const members = new Map<string, unknown>()
    for (const member of this.#subscriptionsByChannel.get(channel)?.values() ?? []) {
      if (member !== undefined) members.set(member.user_id, member.user_info ?? {})
    }
    return members
  }

  #presence(channel: string): unknown {
    const members = this.#members(channel)
    const ids = [...members.keys()]
    return { presence: { count: ids.length, ids, hash: Object.fromEntries(members) } }
  }
}
