import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'
import type { SessionSocket } from './session-socket.ts'

/** Sends to one client, and never queues more than the limits for a client that does not read. spec H25 */
export class Outbound {
  readonly #socket: SessionSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #onSlow: () => void
  #aboveSinceMs: number | undefined
  #isStopped = false

  constructor(options: {
    readonly socket: SessionSocket
    readonly limits: HubLimits
    readonly clock: Clock
    /** Called instead of sending when the client reads too slowly. */
    readonly onSlow: () => void
  }) {
    this.#socket = options.socket
    this.#limits = options.limits
    this.#clock = options.clock
    this.#onSlow = options.onSlow
  }

  /** Sends, unless the client reads too slowly. */
  send(data: string | Uint8Array): void {
    if (this.#isStopped) return
    if (this.#isTooSlow(data.length)) return this.#onSlow()
    this.#socket.send(data)
  }

  /** Sends nothing from here on. */
  stop(): void {
    this.#isStopped = true
  }

  /** Closes the transport. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  #isTooSlow(moreBytes: number): boolean {
    const { outboundHardBytes, outboundSoftBytes, outboundSlowMs } = this.#limits
    const { bufferedBytes } = this.#socket
    if (bufferedBytes + moreBytes > outboundHardBytes) return true
    if (bufferedBytes <= outboundSoftBytes) {
      this.#aboveSinceMs = undefined
      return false
    }
    const nowMs = this.#clock.now()
    this.#aboveSinceMs ??= nowMs
    return nowMs - this.#aboveSinceMs > outboundSlowMs
  }
}
