/**
 * Hands out results in the order of the calls, in each lane separately, while the work runs at the same time:
 * engines finish cryptography on several threads, in any order. Holds one entry for each lane that has work under
 * way, and none afterwards. spec P15
 */
export class OrderedResults {
  readonly #tailByLane = new Map<string, Promise<void>>()

  get [Symbol.toStringTag](): string {
    return 'OrderedResults'
  }

  /** Lanes that have work under way. */
  get lanes(): number {
    return this.#tailByLane.size
  }

  /** The result of `work`, not before the results of all earlier work in the lane. */
  after<T>(lane: string, work: Promise<T>): Promise<T> {
    const previous = this.#tailByLane.get(lane)
    // Until `previous` is done no one else listens to `work`, and a rejection would count as unhandled.
    work.catch(() => {})
    const result = previous === undefined ? work : previous.then(() => work)
    const tail: Promise<void> = result
      .then(ignore, ignore)
      .then(() => void (this.#tailByLane.get(lane) === tail && this.#tailByLane.delete(lane)))
    this.#tailByLane.set(lane, tail)
    return result
  }
}

const ignore = (): void => {}
