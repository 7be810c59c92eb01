/**
 * A bus whose every delivery the test decides.
 *
 * @module
 */
import { namespaceKey } from '../signalling/driver.ts'
import type { Driver, Namespace } from '../signalling/driver.ts'

/** A message on its way from one endpoint to one handler of another. */
export interface Packet {
  /** The endpoint that emitted it. */
  readonly from: string
  /** The endpoint that listens. */
  readonly to: string
  readonly namespace: Namespace
  /** As emitted; a copy of its own for each delivery is made. */
  readonly message: unknown
}

/** What becomes of a packet in an automatic network. */
export type Fate = 'deliver' | 'drop' | 'duplicate' | 'hold'

/**
 * Connects drivers by name. By hand: packets wait in `pending` until `flush`, `deliver`, `drop` or `reorder`. With
 * `fate`: each packet is decided at once, and delivered in a microtask; those on `hold` wait in `pending`.
 */
export class MemoryNetwork {
  /** Decides on packets as they are emitted; `undefined` holds them all. */
  fate: ((packet: Packet) => Fate) | undefined
  readonly #listeners: {
    readonly name: string
    readonly key: string
    readonly handler: (message: unknown) => void
  }[] = []
  #pending: Delivery[] = []
  readonly #log: Packet[] = []

  constructor(fate?: (packet: Packet) => Fate) {
    this.fate = fate
  }

  /** What waits, oldest first. */
  get pending(): readonly Packet[] {
    return this.#pending.map((entry) => entry.packet)
  }

  /** All that was emitted and had a listener, oldest first. */
  get log(): readonly Packet[] {
    return this.#log
  }

  /** An endpoint. It does not hear itself. */
  driver(name: string): Driver {
    const listeners = this.#listeners
    return {
      on: (namespace, handler) => {
        const key = namespaceKey(namespace)
        const isThere = listeners.some(
          (entry) => entry.name === name && entry.key === key && entry.handler === handler,
        )
        if (!isThere) listeners.push({ name, key, handler })
      },
      off: (namespace, handler) => {
        const key = namespaceKey(namespace)
        const index = listeners.findIndex(
          (entry) => entry.name === name && entry.key === key && entry.handler === handler,
        )
        if (index >= 0) listeners.splice(index, 1)
      },
      emit: (namespace, message) => this.#emit(name, namespace, message),
    }
  }

  /** Delivers what waits, and what that brings about in the same task, in order. */
  flush(): void {
    while (this.#pending.length > 0) this.deliver(0)
  }

  /** Delivers one packet that waits, out of turn if so chosen. */
  deliver(index: number): void {
    const [entry] = this.#pending.splice(index, 1)
    if (entry !== undefined) this.#hand(entry)
  }

  /** Delivers a packet that waits, and keeps it waiting. */
  duplicate(index: number): void {
    const entry = this.#pending[index]
    if (entry !== undefined) this.#hand(entry)
  }

  /** Loses a packet that waits. */
  drop(index: number): void {
    this.#pending.splice(index, 1)
  }

  /** Turns the order of what waits round. */
  reverse(): void {
    this.#pending.reverse()
  }

  /** Brings a message onto the bus that no endpoint emitted: a forgery, or a copy of an earlier one. */
  inject(namespace: Namespace, message: unknown): void {
    this.#emit('', namespace, message)
  }

  #emit(from: string, namespace: Namespace, message: unknown): void {
    const key = namespaceKey(namespace)
    for (const { name, key: listened, handler } of [...this.#listeners]) {
      if (listened !== key || name === from) continue
      const packet: Packet = { from, to: name, namespace, message: structuredClone(message) }
      this.#log.push(packet)
      const entry = { packet, handler }
      switch (this.fate?.(packet) ?? 'hold') {
        case 'hold':
          this.#pending.push(entry)
          break
        case 'duplicate':
          queueMicrotask(() => this.#hand(entry))
          queueMicrotask(() => this.#hand(entry))
          break
        case 'deliver':
          queueMicrotask(() => this.#hand(entry))
          break
        case 'drop':
          break
      }
    }
  }

  #hand(entry: Delivery): void {
    const { namespace, to, message } = entry.packet
    const key = namespaceKey(namespace)
    const isThere = this.#listeners.some(
      (listener) =>
        listener.name === to && listener.key === key && listener.handler === entry.handler,
    )
    if (isThere) entry.handler(structuredClone(message))
  }
}

interface Delivery {
  readonly packet: Packet
  readonly handler: (message: unknown) => void
}
