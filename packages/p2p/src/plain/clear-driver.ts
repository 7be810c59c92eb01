import type { Driver, SealedDriver, SealedHandler } from '../signalling/driver.ts'
import type { Namespace } from '../signalling/namespace.ts'

/**
 * A plain driver in the form that peers take. It breaks the promise of {@link SealedDriver}: it believes the sender that a message
 * names, and everybody on the bus reads and forges all of it. spec S80
 */
export class ClearDriver implements SealedDriver {
  readonly sealed = true
  readonly id: string
  readonly #driver: Driver
  readonly #rawByHandler = new WeakMap<SealedHandler, (message: unknown) => void>()

  get [Symbol.toStringTag](): string {
    return 'ClearDriver'
  }

  constructor(driver: Driver, id: string) {
    this.id = id
    this.#driver = driver
  }

  /** As {@link SealedDriver.on}. */
  on(namespace: Namespace, handler: SealedHandler): void | Promise<void> {
    return this.#driver.on(namespace, this.#rawOf(handler))
  }

  /** As {@link SealedDriver.off}. */
  off(namespace: Namespace, handler: SealedHandler): void | Promise<void> {
    return this.#driver.off(namespace, this.#rawOf(handler))
  }

  /** As {@link SealedDriver.emit}. */
  emit(namespace: Namespace, message: unknown): void | Promise<void> {
    return this.#driver.emit(namespace, message)
  }

  /** As {@link SealedDriver.onReconnect}. */
  onReconnect(handler: () => void): () => void {
    return this.#driver.onReconnect?.(handler) ?? ((): void => undefined)
  }

  #rawOf(handler: SealedHandler): (message: unknown) => void {
    const known = this.#rawByHandler.get(handler)
    if (known !== undefined) return known
    const raw = (message: unknown): void => handler(message, senderOf(message))
    this.#rawByHandler.set(handler, raw)
    return raw
  }
}

/** The sender that a message names; the empty text, which is no id, if it names none. */
const senderOf = (message: unknown): string => {
  try {
    const { id } = message as { readonly id?: unknown }
    return typeof id === 'string' ? id : ''
  } catch {
    return ''
  }
}
