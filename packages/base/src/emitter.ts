/**
 * Typed events: handlers by event type. A handler that throws disturbs neither the caller nor the other handlers:
 * its error goes to the runtime, as an uncaught one.
 */
export class Emitter<Events extends object> {
  readonly #handlersByType = new Map<keyof Events, Set<(event: never) => void>>()

  get [Symbol.toStringTag](): string {
    return 'Emitter'
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof Events>(type: T, handler: (event: Events[T]) => void): () => void {
    const handlers = this.#handlersByType.get(type) ?? new Set()
    this.#handlersByType.set(type, handlers)
    // A wrapper, so that the same function can be added twice and removed once.
    const entry = (event: Events[T]): void => handler(event)
    handlers.add(entry)
    return () => {
      handlers.delete(entry)
      // Event types may be names of the application: those without handlers take no memory.
      const isEmpty = handlers.size === 0 && this.#handlersByType.get(type) === handlers
      if (isEmpty) this.#handlersByType.delete(type)
    }
  }

  /** Calls the handlers that are there now, in the order of their addition, before it returns. */
  emit<T extends keyof Events>(type: T, event: Events[T]): void {
    for (const handler of [...(this.#handlersByType.get(type) ?? [])]) {
      callHandler(handler as (event: Events[T]) => void, event)
    }
  }

  /** Removes every handler. */
  clear(): void {
    this.#handlersByType.clear()
  }
}

/** Calls a handler of the application: an error that it throws goes to the runtime, as an uncaught one, not to the caller. */
export function callHandler<Arguments extends readonly unknown[]>(
  handler: (...given: Arguments) => void,
  ...given: Arguments
): void {
  try {
    handler(...given)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
