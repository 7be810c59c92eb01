/**
 * Signalling within one page or process: for tests, demos, and peers that share a window.
 *
 * @module
 */
import { namespaceKey } from '../signalling/driver.ts'
import type { Driver, Namespace } from '../signalling/driver.ts'

/** What memory drivers share: those of one bus hear each other. */
export class MemoryBus {
  readonly #handlersByKey = new Map<string, Set<(message: unknown) => void>>()

  /** Adds a handler. */
  add(namespace: Namespace, handler: (message: unknown) => void): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key) ?? new Set()
    this.#handlersByKey.set(key, handlers.add(handler))
  }

  /** Removes it. */
  delete(namespace: Namespace, handler: (message: unknown) => void): void {
    const key = namespaceKey(namespace)
    const handlers = this.#handlersByKey.get(key)
    handlers?.delete(handler)
    if (handlers?.size === 0) this.#handlersByKey.delete(key)
  }

  /** Calls each handler, in a later task, with a copy of its own. */
  publish(namespace: Namespace, message: unknown): void {
    const key = namespaceKey(namespace)
    const copies = [...(this.#handlersByKey.get(key) ?? [])].map((handler) => ({
      handler,
      copy: structuredClone(message),
    }))
    queueMicrotask(() => {
      for (const { handler, copy } of copies) {
        if (this.#handlersByKey.get(key)?.has(handler) === true) handler(copy)
      }
    })
  }
}

/** A driver over a {@link MemoryBus}; without one, over a bus of its own. It hears itself. */
export class MemoryDriver implements Driver {
  readonly #bus: MemoryBus

  constructor(bus: MemoryBus = new MemoryBus()) {
    this.#bus = bus
  }

  /** As {@link Driver.on}. */
  on(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#bus.add(namespace, handler)
  }

  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: (message: unknown) => void): void {
    this.#bus.delete(namespace, handler)
  }

  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void {
    this.#bus.publish(namespace, message)
  }
}
