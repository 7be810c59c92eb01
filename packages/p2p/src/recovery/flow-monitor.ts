/**
 * Notices missing packets, seconds before ICE does.
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** A flow is silent when expected packets did not come for this long, in milliseconds. spec S32 */
const SILENCE_MS = 1_000
/** How often packets are counted, in milliseconds. */
export const FLOW_INTERVAL_MS = 250
/** A count is followed by a pause of so many times its own length, on a machine that is slow. spec S123 */
const PAUSES = 25
const MAX_INTERVAL_MS = 1_000

/** The memory of a flow; begin with {@link initialFlowState}. */
export interface FlowState {
  readonly packets: number
  /** The last time at which packets came or were not expected. */
  readonly atMs: number
  readonly silent: boolean
}

/** A flow that has not begun. */
export const initialFlowState: FlowState = { packets: 0, atMs: 0, silent: false }

/** One count: all `packets` until now, and whether the other side should be sending steadily. */
export interface FlowSample {
  readonly packets: number
  readonly expected: boolean
}

/** Applies one count at the time `nowMs`. */
export function stepFlow(state: FlowState, sample: FlowSample, nowMs: number): FlowState {
  const { packets, expected } = sample
  const flows = packets > state.packets
  // Before the first packet none is missing.
  if (flows || !expected || packets === 0) return { packets, atMs: nowMs, silent: false }
  return { ...state, packets, silent: state.silent || nowMs - state.atMs >= SILENCE_MS }
}

/** Counts on a clock and reports edges: packets are missing, packets flow again. You must `close` it. */
export class FlowMonitor {
  readonly #clock: Clock
  readonly #count: () => Promise<FlowSample>
  readonly #changed: (type: 'silent' | 'flowing') => void
  #state = initialFlowState
  #timer: unknown
  #closed = false

  constructor(
    clock: Clock,
    count: () => Promise<FlowSample>,
    changed: (type: 'silent' | 'flowing') => void,
  ) {
    this.#clock = clock
    this.#count = count
    this.#changed = changed
    this.#schedule(0)
  }

  /** Ends the counting. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
  }

  #schedule(tookMs: number): void {
    const pauseMs = Math.max(FLOW_INTERVAL_MS, Math.min(PAUSES * tookMs, MAX_INTERVAL_MS))
    this.#timer = this.#clock.setTimeout(() => void this.#sample(), pauseMs)
  }

  async #sample(): Promise<void> {
    const begunMs = this.#clock.now()
    // A connection that cannot be asked is about to be closed.
    const sample = await this.#count().catch(() => undefined)
    if (this.#closed) return
    this.#schedule(this.#clock.now() - begunMs)
    if (sample === undefined) return
    const before = this.#state.silent
    this.#state = stepFlow(this.#state, sample, this.#clock.now())
    if (this.#state.silent !== before) this.#changed(this.#state.silent ? 'silent' : 'flowing')
  }
}

/** All RTP packets that a connection has received. */
export function countPackets(report: RTCStatsReport): number {
  let packets = 0
  report.forEach((entry: { readonly type: string; readonly packetsReceived?: number }) => {
    if (entry.type === 'inbound-rtp') packets += entry.packetsReceived ?? 0
  })
  return packets
}
