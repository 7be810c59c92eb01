/**
 * Typed events.
 *
 * @module
 */

/** Handlers by event type. One handler that throws does not keep the others from being called. */
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

  /** Calls the handlers in order of their addition; what they throw is reported to the page, not to us. */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    const handlers = this.#handlersByType.get(type)
    if (!handlers) return
    for (const handler of Array.from(handlers)) {
      try {
        ;(handler as (event: Events[T]) => void)(event)
      } catch (error) {
        reportError(error)
      }
    }
  }

  /** Removes every handler. */
  clear(): void {
    this.#handlersByType.clear()
  }
}
