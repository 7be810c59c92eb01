/** A connection that can join channels. */
export interface Subscriber {
  readonly socketId: string
  send(message: {
    readonly event: string
    readonly channel: string
    readonly data: unknown
    readonly user_id?: string
  }): void
}

/** A member of a presence channel. */
export interface PresenceMember {
  readonly user_id: string
  readonly user_info?: unknown
}

/** The subscribers of every channel. The prefix of a channel's name is its kind. */
export class PusherChannels {
  readonly #subscriptionsByChannel = new Map<string, Map<Subscriber, PresenceMember | undefined>>()

  /** The occupied channels. */
  get names(): readonly string[] {
    return [...this.#subscriptionsByChannel.keys()]
  }

  has(channel: string, subscriber: Subscriber): boolean {
    return this.#subscriptionsByChannel.get(channel)?.has(subscriber) === true
  }

  /** Adds a subscriber and confirms it; announces a new member to the others. */
  join(channel: string, subscriber: Subscriber, member: PresenceMember | undefined): void {
    const subscriptions = this.#subscriptionsByChannel.get(channel) ?? new Map()
    const isNew = member !== undefined && !this.#members(channel).has(member.user_id)
    this.#subscriptionsByChannel.set(channel, subscriptions)
    subscriptions.set(subscriber, member)
    const data = member === undefined ? {} : this.#presence(channel)
    const event = 'pusher_internal:subscription_succeeded'
    subscriber.send({ event, channel, data: JSON.stringify(data) })
    if (!isNew) return
    const joined = { event: 'pusher_internal:member_added', data: JSON.stringify(member) }
    this.broadcast({ ...joined, channel }, { except: subscriber.socketId })
  }

  /** Removes a subscriber; announces to the others when a member has no connection left. */
  leave(channel: string, subscriber: Subscriber): void {
    const subscriptions = this.#subscriptionsByChannel.get(channel)
    const member = subscriptions?.get(subscriber)
    if (subscriptions?.delete(subscriber) !== true) return
    if (subscriptions.size === 0) this.#subscriptionsByChannel.delete(channel)
    if (member === undefined || this.#members(channel).has(member.user_id)) return
    const data = JSON.stringify({ user_id: member.user_id })
    this.broadcast({ event: 'pusher_internal:member_removed', channel, data }, {})
  }

  /** Removes a subscriber from all channels. */
  leaveAll(subscriber: Subscriber): void {
    for (const channel of this.names) this.leave(channel, subscriber)
  }

  /** The member that a subscriber joined as. */
  memberOf(channel: string, subscriber: Subscriber): PresenceMember | undefined {
    return this.#subscriptionsByChannel.get(channel)?.get(subscriber)
  }

  /** Sends a message to all subscribers but one. */
  broadcast(
    message: Parameters<Subscriber['send']>[0],
    { except }: { readonly except?: string | undefined },
  ): void {
    const subscriptions = this.#subscriptionsByChannel.get(message.channel)
    for (const subscriber of [...(subscriptions?.keys() ?? [])]) {
      if (subscriber.socketId !== except) subscriber.send(message)
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
