/**
 * A bus whose every delivery the test decides.
 *
 * @module
 */
import type { Driver } from '../signalling/driver.ts'
import { namespaceKey } from '../signalling/namespace.ts'
import type { Namespace } from '../signalling/namespace.ts'

/** A message on its way from one endpoint to one handler of another. */
export interface Packet {
  /** The endpoint that emitted it. */
  readonly from: string
  /** The endpoint that listens. */
  readonly to: string
  readonly namespace: Namespace
  /** As emitted; each delivery gets its own copy. */
  readonly message: unknown
}

/** The fate of a packet in an automatic network. */
export type Fate = 'deliver' | 'drop' | 'duplicate' | 'hold'

/** Decides what becomes of a packet: hands on what is to arrive, as often, as late and as changed as it likes. */
export type PacketRule = (packet: Packet, deliver: (packet: Packet) => void) => void

/**
 * Connects drivers by name. By hand: packets wait in `pending` until `flush`, `deliver`, `drop` or `reorder`. With
 * `fate`: each packet is decided at once, and delivered in a microtask; those on `hold` wait in `pending`. A `rule`
 * comes before both.
 */
export class MemoryNetwork {
  /** Decides on packets as they are emitted; `undefined` holds them all. */
  fate: ((packet: Packet) => Fate) | undefined
  /** Hands on, in a microtask, what it decides; what it does not hand on is lost. */
  rule: PacketRule | undefined
  readonly #listeners: Listener[] = []
  #pending: Delivery[] = []
  readonly #log: Packet[] = []

  get [Symbol.toStringTag](): string {
    return 'MemoryNetwork'
  }

  constructor(fate?: (packet: Packet) => Fate) {
    this.fate = fate
  }

  /** The packets that wait, oldest first. */
  get pending(): readonly Packet[] {
    return this.#pending.map((entry) => entry.packet)
  }

  /** All packets that were emitted and had a listener, oldest first. */
  get log(): readonly Packet[] {
    return this.#log
  }

  /** An endpoint. It does not hear itself. */
  driver(name: string): Driver {
    return {
      on: (namespace, handler) => {
        const listener = { name, key: namespaceKey(namespace), handler }
        if (this.#indexOf(listener) < 0) this.#listeners.push(listener)
      },
      off: (namespace, handler) => {
        const index = this.#indexOf({ name, key: namespaceKey(namespace), handler })
        if (index >= 0) this.#listeners.splice(index, 1)
      },
      emit: (namespace, message) => this.#emit(name, namespace, message),
    }
  }

  /** Delivers in order all packets that wait, and those that their delivery causes in the same task. */
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

  /** Reverses the order of the packets that wait. */
  reverse(): void {
    this.#pending.reverse()
  }

  /** Puts a message on the bus that no endpoint emitted: a forgery, or a copy of an earlier one. */
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
      if (this.rule !== undefined) {
        this.rule(packet, (decided) => queueMicrotask(() => this.#bring(decided, entry)))
        continue
      }
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

  /** Hands over what a rule made of a packet, also to another endpoint or in another namespace. */
  #bring(decided: Packet, { packet, handler }: Delivery): void {
    const key = namespaceKey(decided.namespace)
    if (decided.to === packet.to && key === namespaceKey(packet.namespace)) {
      return this.#hand({ packet: decided, handler })
    }
    for (const { name, key: listened, handler: other } of [...this.#listeners]) {
      if (name === decided.to && listened === key) this.#hand({ packet: decided, handler: other })
    }
  }

  #hand({ packet, handler }: Delivery): void {
    const listener = { name: packet.to, key: namespaceKey(packet.namespace), handler }
    if (this.#indexOf(listener) >= 0) handler(structuredClone(packet.message))
  }

  #indexOf({ name, key, handler }: Listener): number {
    return this.#listeners.findIndex(
      (entry) => entry.name === name && entry.key === key && entry.handler === handler,
    )
  }
}

interface Listener {
  readonly name: string
  readonly key: string
  readonly handler: (message: unknown) => void
}

interface Delivery {
  readonly packet: Packet
  readonly handler: (message: unknown) => void
}
