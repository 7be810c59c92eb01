/**
 * Typed events.
 *
 * @module
 */

/** Handlers by event type. A handler that throws does not keep the others from being called. */
export class Emitter<Events extends object> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => void>>()

  /** Calls `handler` for every event of `type` from now on. Gives back what ends that. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set()
    this.#handlers.set(type, handlers)
    handlers.add(handler)
    return () => {
      handlers.delete(handler)
    }
  }

  /** Tells every handler of `type`. */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const handler of this.#handlers.get(type) ?? []) {
      try {
        ;(handler as (event: Events[T]) => void)(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /** Forgets every handler. */
  clear(): void {
    this.#handlers.clear()
  }
}
