/**
 * A map that holds at most `maxSize` entries: with one more, the entry that was set the longest time ago goes. To
 * evict the least recently used one, set an entry again when it is used.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #maxSize: number

  override get [Symbol.toStringTag](): string {
    return 'BoundedMap'
  }

  constructor(maxSize: number) {
    super()
    this.#maxSize = maxSize
  }

  /** Sets an entry, now the newest one. */
  override set(key: Key, value: Value): this {
    this.delete(key)
    super.set(key, value)
    // The oldest one comes first.
    if (this.size > this.#maxSize) this.delete(this.keys().next().value as Key)
    return this
  }
}
