import type { Clock } from '@conclave/base'
import type { HubLimits } from '../limits/hub-limits.ts'

/** A transport as the hub needs it: a WebSocket, or a test. None of these may throw. */
export interface HubSocket {
  /** What was sent and has not left the process. */
  readonly bufferedBytes: number
  /** Sends a string as text and bytes as binary. The bytes are shared and must not be changed. */
  send(data: string | Uint8Array): void
  /** Asks for a sign of life; `HubConnection.heard` is the answer. */
  ping(): void
  /** Says goodbye; `HubConnection.closed` follows within a short time, whatever the client does. */
  close(code: number, reason: string): void
  /** Drops the connection; `HubConnection.closed` follows. */
  terminate(): void
}

/** The way out of a connection: never queues more than its limits for somebody who does not read. spec H25 */
export class Outbound {
  readonly #socket: HubSocket
  readonly #limits: HubLimits
  readonly #clock: Clock
  readonly #onSlow: () => void
  #aboveSinceMs: number | undefined
  #isStopped = false

  constructor(options: {
    readonly socket: HubSocket
    readonly limits: HubLimits
    readonly clock: Clock
    readonly onSlow: () => void
  }) {
    this.#socket = options.socket
    this.#limits = options.limits
    this.#clock = options.clock
    this.#onSlow = options.onSlow
  }

  /** Sends, or gives the connection up when it does not read. */
  send(data: string | Uint8Array): void {
    if (this.#isStopped) return
    if (this.#isTooSlow(data.length)) return this.#onSlow()
    this.#socket.send(data)
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isStopped = true
  }

  /** Ends the transport. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  #isTooSlow(moreBytes: number): boolean {
    const { outboundHardBytes, outboundSoftBytes, outboundSlowMs } = this.#limits
    const { bufferedBytes } = this.#socket
    if (bufferedBytes + moreBytes > outboundHardBytes) return true
    const nowMs = this.#clock.now()
    if (bufferedBytes <= outboundSoftBytes) this.#aboveSinceMs = undefined
    else this.#aboveSinceMs ??= nowMs
    return this.#aboveSinceMs !== undefined && nowMs - this.#aboveSinceMs > outboundSlowMs
  }
}
