/**
 * Looks at the codecs of connections, and says how much less is to be encoded.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { INITIAL_LOAD, MAX_LOAD_LEVEL, stepLoad } from './load-policy.ts'

/** The needs of a {@link LoadMonitor}. */
export interface LoadMonitorOptions {
  readonly clock: Clock
  readonly connections: () => readonly RTCPeerConnection[]
  /** The pixels a second that are to be encoded at a level. */
  readonly pixels: (level: number) => number
  /** The level is another one. */
  readonly changed: () => void
}

/** Looks every two seconds from `start` to `stop`. spec S122 */
export class LoadMonitor {
  readonly #options: LoadMonitorOptions
  #state = INITIAL_LOAD
  #before:
    | { readonly atMs: number; readonly codecs: ReadonlyMap<RTCPeerConnection, CodecReport> }
    | undefined
  /** The looks since the last start; a look that is under way when they stop says nothing. */
  #looks: { timer: unknown } | undefined

  constructor(options: LoadMonitorOptions) {
    this.#options = options
  }

  /** More is to be encoded: begins with what such a machine can be expected to do, and looks from now on. */
  start(): void {
    while (
      this.level < MAX_LOAD_LEVEL &&
      this.#options.pixels(this.level) > PIXELS_OF_CORE * coreCount()
    ) {
      this.#state = { ...this.#state, level: this.level + 1, calm: 0 }
    }
    if (this.#looks !== undefined) return
    this.#looks = { timer: undefined }
    this.#schedule(this.#looks)
  }

  /** How much less is to be encoded. */
  get level(): number {
    return this.#state.level
  }

  /** Looks no more until the next start; the level stays. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#looks?.timer)
    this.#looks = undefined
    this.#before = undefined
  }

  #schedule(looks: { timer: unknown }): void {
    looks.timer = this.#options.clock.setTimeout(() => void this.#look(looks), LOOK_MS)
  }

  async #look(looks: { timer: unknown }): Promise<void> {
    const { connections, clock, pixels, changed } = this.#options
    const codecs = new Map<RTCPeerConnection, CodecReport>()
    await Promise.all(
      connections().map(async (connection) => {
        // A connection that cannot be asked is about to be closed.
        const report = await connection.getStats().catch(() => undefined)
        if (report !== undefined) codecs.set(connection, readCodecs(report))
      }),
    )
    if (this.#looks !== looks) return
    this.#schedule(looks)
    const [before, atMs] = [this.#before, clock.now()]
    this.#before = { atMs, codecs }
    if (before === undefined) return
    const passed = (atMs - before.atMs) / 1000
    let [seconds, encoders, limited] = [0, 0, 0]
    for (const [connection, now] of codecs) {
      seconds += Math.max(0, now.seconds - (before.codecs.get(connection)?.seconds ?? now.seconds))
      encoders += now.encoders
      limited += now.limited
    }
    const { level } = this.#state
    const isStarved = encoders > 0 && limited * 2 >= encoders
    const growth = pixels(level - 1) / Math.max(1, pixels(level))
    const busy = seconds / passed / coreCount()
    this.#state = stepLoad(this.#state, { busy, isStarved, growth })
    if (level !== this.#state.level) changed()
  }
}

/** The codecs of video of a connection, by its report. */
interface CodecReport {
  /** Spent in encoding and decoding. */
  readonly seconds: number
  readonly encoders: number
  /** Those that the platform itself calls limited by the processor. */
  readonly limited: number
}

const readCodecs = (report: RTCStatsReport): CodecReport => {
  let [seconds, encoders, limited] = [0, 0, 0]
  report.forEach((entry: CodecEntry) => {
    if (entry.kind !== 'video') return
    if (entry.type === 'inbound-rtp') seconds += entry.totalDecodeTime ?? 0
    if (entry.type !== 'outbound-rtp') return
    seconds += entry.totalEncodeTime ?? 0
    if (entry.active === false) return
    encoders += 1
    if (entry.qualityLimitationReason === 'cpu') limited += 1
  })
  return { seconds, encoders, limited }
}

interface CodecEntry {
  readonly type?: string
  readonly kind?: string
  readonly active?: boolean
  readonly totalEncodeTime?: number
  readonly totalDecodeTime?: number
  readonly qualityLimitationReason?: string
}

const coreCount = (): number => {
  const { navigator } = globalThis as { readonly navigator?: { hardwareConcurrency?: number } }
  return navigator?.hardwareConcurrency ?? 1
}

const LOOK_MS = 2000
/** A core is expected to encode so much beside the rest of a call, in pixels a second. */
const PIXELS_OF_CORE = 11_000_000
