import type { Clock } from '@conclave/base'
import type { EngineMessage } from '../engine/engine.ts'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { MemoryPool, PoolHolder } from '../limits/memory-pool.ts'

/** Gives messages their positions: a room, or a guarded channel on behalf of one subscription. */
export interface PublishTarget {
  /** `absent` when the one recipient of a message is not there. Rejects when the engine fails. */
  publish(message: EngineMessage): Promise<bigint | 'absent'>
}

/** The parts of {@link Publishing}. */
export interface PublishingOptions {
  readonly limits: HubLimits
  readonly clock: Clock
  /** Memory for what waits for the engine, of all connections. */
  readonly pool: MemoryPool
  /** The connection is not read from here on; `onResume` follows. */
  readonly onPause: () => void
  readonly onResume: () => void
  /** The engine did not take a message, which is given to it again. */
  readonly onFailure: () => void
}

/**
 * The publishes of one connection that the engine has not answered. When it is slow or away, the connection is not read for a while:
 * nothing is refused for it, and nobody is disconnected. spec H39
 */
export class Publishing implements PoolHolder {
  readonly #options: PublishingOptions
  #count = 0
  #bytes = 0
  #repeated = 0
  #isPaused = false
  #isStopped = false

  constructor(options: PublishingOptions) {
    this.#options = options
  }

  /**
   * Gives a message to the engine until it answers. Resolves with its position, with `absent`, or with `undefined` when the connection
   * ended, or left the channel, before there was an answer.
   */
  async publish(
    message: EngineMessage,
    { channel, isWanted }: { readonly channel: PublishTarget; readonly isWanted: () => boolean },
  ): Promise<bigint | 'absent' | undefined> {
    const { length } = message.payload
    this.#change(1, length)
    try {
      return await channel.publish(message)
    } catch {
      return await this.#repeat(message, { channel, isWanted })
    } finally {
      this.#change(-1, -length)
    }
  }

  /** Ends with the connection. */
  stop(): void {
    this.#isStopped = true
    this.#options.pool.release(this)
  }

  heldBytes(): number {
    return this.#bytes
  }

  /** The same id: an engine that took it all the same gives it no second position. spec H21 */
  async #repeat(
    message: EngineMessage,
    { channel, isWanted }: { readonly channel: PublishTarget; readonly isWanted: () => boolean },
  ): Promise<bigint | 'absent' | undefined> {
    const { clock, onFailure } = this.#options
    onFailure()
    this.#repeated += 1
    this.#adjust()
    try {
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LAST_DELAY_MS)) {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs))
        if (this.#isStopped || !isWanted()) return undefined
        try {
          return await channel.publish(message)
        } catch {
          // It is away still.
        }
      }
    } finally {
      this.#repeated -= 1
    }
  }

  #change(count: 1 | -1, bytes: number): void {
    this.#count += count
    this.#bytes += bytes
    if (!this.#isStopped) this.#adjust()
  }

  #adjust(): void {
    const isFull = this.#isFull()
    if (isFull === this.#isPaused) return
    this.#isPaused = isFull
    if (isFull) this.#options.onPause()
    else this.#options.onResume()
  }

  /** One that waits for nothing is never full: nothing would make it read again. */
  #isFull(): boolean {
    const { limits, pool } = this.#options
    const hasSpace = pool.hold(this, this.#bytes)
    if (this.#count === 0) return false
    const { publishesInFlight, bytesBurst } = limits
    const isMuch = this.#count >= publishesInFlight || this.#bytes >= bytesBurst
    return isMuch || !hasSpace || this.#repeated > 0
  }
}

const FIRST_DELAY_MS = 50
const LAST_DELAY_MS = 1000
