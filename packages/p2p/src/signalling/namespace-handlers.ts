/**
 * The handlers of a driver.
 *
 * @module
 */
import { namespaceKey } from './namespace.ts'
import type { Namespace } from './namespace.ts'

/** Handlers by namespace, each once in a namespace. */
export class NamespaceHandlers<Handler> {
  readonly #handlersByKey = new Map<string, Set<Handler>>()

  /** Adds a handler. Does nothing if the namespace has it already. */
  add(namespace: Namespace, handler: Handler): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key) ?? new Set()
    this.#handlersByKey.set(key, handlers.add(handler))
  }

  /** Removes a handler. Does nothing if the namespace does not have it. */
  delete(namespace: Namespace, handler: Handler): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key)
    handlers?.delete(handler)
    if (handlers?.size === 0) this.#handlersByKey.delete(key)
  }

  /** Whether the namespace with this key has the handler. */
  has(key: string, handler: Handler): boolean {
    return this.#handlersByKey.get(key)?.has(handler) === true
  }

  /** A copy of the handlers of the namespace with this key, in the order of their addition. */
  list(key: string): readonly Handler[] {
    return [...(this.#handlersByKey.get(key) ?? [])]
  }

  /** Removes all handlers. */
  clear(): void {
    this.#handlersByKey.clear()
  }
}
