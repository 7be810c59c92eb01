/** The handlers of an object's typed events. */
export class Listeners<Events extends object> {
  readonly #handlersByType = new Map<keyof Events, Set<(event: never) => void>>()

  /** Adds a handler, once for each call; the returned function removes it. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
    const handlers = this.#handlersByType.get(type) ?? new Set()
    this.#handlersByType.set(type, handlers)
    const added = (event: Events[T]): void => handler(event)
    handlers.add(added)
    return () => {
      handlers.delete(added)
    }
  }

  /** Calls every handler; the first thing that one threw is thrown after the last was called. spec K14 */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    tryEach([...(this.#handlersByType.get(type) ?? [])], (handler) =>
      (handler as (event: Events[T]) => void)(event),
    )
  }

  /** Removes all handlers. */
  clear(): void {
    this.#handlersByType.clear()
  }
}

/** Does the work for each, in order, whatever fails; the first failure is thrown after the last was done. */
export function tryEach<T>(items: Iterable<T>, work: (item: T) => void): void {
  const failures: unknown[] = []
  for (const item of items) {
    try {
      work(item)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
