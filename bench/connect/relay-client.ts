/**
 * A page's connection to the bus of {@link startRelay}.
 *
 * @module
 */
import type { RelayFrame } from './relay.ts'

type Handler = (text: string) => void

/** Subscribes to topics and publishes texts. */
export class RelayClient {
  readonly #socket: WebSocket
  readonly #isOpen: Promise<void>
  readonly #handlersByTopic = new Map<string, Set<Handler>>()
  readonly #confirmsByTopic = new Map<string, () => void>()

  constructor(url: string) {
    this.#socket = new WebSocket(url)
    this.#isOpen = new Promise((resolve, reject) => {
      this.#socket.onopen = (): void => resolve()
      this.#socket.onerror = (): void => reject(new Error('the bus cannot be reached'))
    })
    this.#socket.onmessage = ({ data }): void => {
      const { subscribed, topic = '', text = '' }: RelayFrame = JSON.parse(String(data))
      if (subscribed !== undefined) return this.#confirmsByTopic.get(subscribed)?.()
      for (const handler of this.#handlersByTopic.get(topic) ?? []) handler(text)
    }
  }

  /** Resolves when the bus has confirmed the subscription. */
  async subscribe(topic: string, handler: Handler): Promise<void> {
    const handlers = this.#handlersByTopic.get(topic)
    if (handlers !== undefined) return void handlers.add(handler)
    this.#handlersByTopic.set(topic, new Set([handler]))
    const confirmed = new Promise<void>((resolve) => this.#confirmsByTopic.set(topic, resolve))
    await this.#send({ subscribe: topic })
    await confirmed
  }

  async unsubscribe(topic: string, handler: Handler): Promise<void> {
    const handlers = this.#handlersByTopic.get(topic)
    handlers?.delete(handler)
    if (handlers?.size !== 0) return
    this.#handlersByTopic.delete(topic)
    await this.#send({ unsubscribe: topic })
  }

  publish(topic: string, text: string): Promise<void> {
    return this.#send({ topic, text })
  }

  close(): void {
    this.#socket.close()
  }

  async #send(frame: RelayFrame): Promise<void> {
    await this.#isOpen
    this.#socket.send(JSON.stringify(frame))
  }
}
