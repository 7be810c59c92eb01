import { RateLimiter } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { HubLimits } from './hub-limits.ts'

/** How much one connection may send: messages, bytes, and messages that are dropped. */
export class InboundLimits {
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #messages: RateLimiter
  readonly #bytes: RateLimiter
  // Most connections never need these.
  #drops: RateLimiter | undefined
  #signals: RateLimiter | undefined
  #signalDrops: RateLimiter | undefined
  #controls: RateLimiter | undefined
  #removals: RateLimiter | undefined

  constructor(limits: HubLimits, clock: Clock) {
    const { publishPerSecond, publishBurst, bytesPerSecond, bytesBurst } = limits
    this.#limits = limits
    this.#clock = clock
    this.#messages = new RateLimiter({ perSecond: publishPerSecond, burst: publishBurst })
    this.#bytes = new RateLimiter({ perSecond: bytesPerSecond, burst: bytesBurst })
  }

  /** Counts a message; `false` when the connection sends too much. spec H23 */
  countMessage(bytes: number): boolean {
    const nowMs = this.#clock.now()
    // A message may be larger than the burst: it costs the whole burst.
    const cost = Math.min(bytes, this.#limits.bytesBurst)
    return this.#messages.take(nowMs) && this.#bytes.take(nowMs, cost)
  }

  /** Counts a signal; `false` when it is one too many, and is dropped. spec G13 */
  countSignal(bytes: number): boolean {
    const nowMs = this.#clock.now()
    const cost = Math.min(bytes, this.#limits.bytesBurst)
    const { signalPerSecond, signalBurst } = this.#limits
    this.#signals ??= new RateLimiter({ perSecond: signalPerSecond, burst: signalBurst })
    return this.#signals.take(nowMs) && this.#bytes.take(nowMs, cost)
  }

  /** Counts a dropped signal; `false` when the connection floods the hub with them. spec G13 */
  countSignalDrop(): boolean {
    this.#signalDrops ??= new RateLimiter(SIGNAL_DROPS)
    return this.#signalDrops.take(this.#clock.now())
  }

  /** Counts a dropped message; `false` when the connection floods the hub with them. spec H24 */
  countDrop(): boolean {
    const { dropsPerSecond, dropBurst } = this.#limits
    this.#drops ??= new RateLimiter({ perSecond: dropsPerSecond, burst: dropBurst })
    return this.#drops.take(this.#clock.now())
  }

  /** Counts a ping or a pong; `false` when there are too many. spec H42 */
  countControl(): boolean {
    this.#controls ??= new RateLimiter(CONTROLS)
    return this.#controls.take(this.#clock.now())
  }

  /** Counts a removal that is to be verified; `false` when there are too many. spec H37 */
  countRemoval(): boolean {
    this.#removals ??= new RateLimiter(REMOVALS)
    return this.#removals.take(this.#clock.now())
  }
}

/** Clients answer the pings of the hub, and some ask as often themselves. */
const CONTROLS = { perSecond: 4, burst: 64 }

/** A client that draws a pointer without a pause sends as many as a screen has pictures. */
const SIGNAL_DROPS = { perSecond: 100, burst: 1000 }

/** Each costs up to four signatures. */
const REMOVALS = { perSecond: 4, burst: 32 }
