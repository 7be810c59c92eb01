/** Typed events: handlers by event type. One that throws does not keep the others from being called. */
export class Emitter<Events extends object> {
  readonly #handlersByType = new Map<keyof Events, Set<(event: never) => void>>()

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
    const handlers = this.#handlersByType.get(type) ?? new Set()
    this.#handlersByType.set(type, handlers)
    // A wrapper of its own, so that the same function can be added twice and removed once.
    const entry = (event: Events[T]): void => handler(event)
    handlers.add(entry)
    return () => {
      handlers.delete(entry)
    }
  }

  /** Calls the handlers in the order of their addition. What one throws is thrown to the runtime, not to the caller. */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const handler of Array.from(this.#handlersByType.get(type) ?? [])) {
      try {
        ;(handler as (event: Events[T]) => void)(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Removes every handler. */
  clear(): void {
    this.#handlersByType.clear()
  }
}
