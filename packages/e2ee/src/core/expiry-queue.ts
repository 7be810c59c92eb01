/** Items that end at a time, the next one first, so that looking for expired ones visits no other. */
export class ExpiryQueue<Item extends object> {
  /** Sorted by expiry. */
  readonly #queue: Item[] = []
  readonly #expiryByItem = new Map<Item, number>()

  /** When an item expires: never, unless it was added. */
  expiryOf(item: Item): number {
    return this.#expiryByItem.get(item) ?? Number.POSITIVE_INFINITY
  }

  /** Sets the expiry of an item that has none. */
  add(item: Item, expiresAt: number): void {
    if (expiresAt === Number.POSITIVE_INFINITY) return
    let at = this.#queue.length
    // Near the end, unless the clock went back.
    while (at > 0 && this.#expiryAt(at - 1) > expiresAt) at -= 1
    this.#queue.splice(at, 0, item)
    this.#expiryByItem.set(item, expiresAt)
  }

  /** The item never expires, as if it had not been added. */
  delete(item: Item): void {
    if (this.#expiryByItem.delete(item)) this.#queue.splice(this.#queue.indexOf(item), 1)
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  /** The items whose time has come, the first one first; they stay until they are deleted. */
  expired(now: number): Item[] {
    let count = 0
    while (count < this.#queue.length && this.#expiryAt(count) <= now) count += 1
    return count === 0 ? [] : this.#queue.slice(0, count)
  }

  #expiryAt(index: number): number {
    const item = this.#queue[index]
    return item === undefined ? Number.POSITIVE_INFINITY : this.expiryOf(item)
  }
}
