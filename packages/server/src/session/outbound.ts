import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'
import { FREE_BYTES } from '../limits/memory-pool.ts'
import type { MemoryPool, PoolHolder } from '../limits/memory-pool.ts'
import type { SessionSocket } from './session-socket.ts'

/**
 * Sends to one client. A client is slow when bytes wait for it and none leave for a while, which a clock finds also when nothing is
 * sent; and when more waits than the limits have room for. spec H25
 */
export class Outbound implements PoolHolder {
  readonly #socket: SessionSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #pool: MemoryPool
  readonly #onSlow: () => void
  #watch: unknown
  #leftBytes = 0
  #progressMs = 0
  #isStopped = false
  /** Whether the pool counts what this one holds. */
  #isCounted = false

  constructor(options: {
    readonly socket: SessionSocket
    readonly limits: HubLimits
    readonly clock: Clock
    /** Memory for what waits for all clients. */
    readonly pool: MemoryPool
    /** Called when the client reads too slowly. */
    readonly onSlow: () => void
  }) {
    this.#socket = options.socket
    this.#limits = options.limits
    this.#clock = options.clock
    this.#pool = options.pool
    this.#onSlow = options.onSlow
  }

  /** Sends, unless too much waits. */
  send(data: string | Uint8Array): void {
    if (this.#isStopped) return
    const bytes = this.#socket.bufferedBytes + data.length
    // Little is held without counting: the pool is not asked about it for every message.
    if ((bytes > FREE_BYTES || this.#isCounted) && !this.#mayHold(bytes)) return this.#onSlow()
    this.#socket.send(data)
    if (this.#watch === undefined) this.#startWatch()
  }

  /** Sends what may be lost, unless much waits already; `false` when it was dropped. spec G12 */
  sendUnlessSlow(data: Uint8Array): boolean {
    if (this.#isStopped || this.#socket.bufferedBytes > SIGNAL_BYTES) return false
    this.send(data)
    return true
  }

  /** Sends nothing from here on. */
  stop(): void {
    this.#isStopped = true
    this.#clock.clearTimeout(this.#watch)
    this.#release()
  }

  /** Closes the transport. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  heldBytes(): number {
    return this.#socket.bufferedBytes
  }

  #mayHold(bytes: number): boolean {
    this.#isCounted = bytes > FREE_BYTES
    return bytes <= this.#limits.outboundHardBytes && this.#pool.hold(this, bytes)
  }

  #release(): void {
    this.#isCounted = false
    this.#pool.release(this)
  }

  #startWatch(): void {
    this.#leftBytes = this.#socket.leftBytes
    this.#progressMs = this.#clock.now()
    this.#lookLater()
  }

  #lookLater(): void {
    const intervalMs = this.#limits.outboundSlowMs / LOOKS
    this.#watch = this.#clock.setTimeout(() => this.#look(), intervalMs)
  }

  #look(): void {
    const { bufferedBytes, leftBytes } = this.#socket
    this.#watch = undefined
    if (bufferedBytes === 0) return this.#release()
    const nowMs = this.#clock.now()
    if (leftBytes !== this.#leftBytes) this.#progressMs = nowMs
    this.#leftBytes = leftBytes
    if (nowMs - this.#progressMs >= this.#limits.outboundSlowMs) return this.#onSlow()
    this.#lookLater()
  }
}

/** With more than this on the way, a client gets what must not be lost only. spec G12 */
const SIGNAL_BYTES = 65_536

/** How often a slow client is looked at before it ends. */
const LOOKS = 4
