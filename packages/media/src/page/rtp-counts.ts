/**
 * Reads a connection's counts of sent, received and decoded frames.
 *
 * @module
 */
import type { Clock } from '@conclave/base'

/** Sums over the RTP streams of a sender or receiver, as WebRTC's statistics name them. */
export interface RtpCounts {
  readonly framesSent: number
  /** Without headers and padding. */
  readonly bytesSent: number
  readonly framesDecoded: number
  /** Without headers and padding. */
  readonly bytesReceived: number
}

/**
 * The counts of a sender or receiver; `undefined`, not throws, where the connection gives no statistics: once it is closed,
 * some engines never answer.
 */
export async function readRtpCounts(
  target: { getStats(): Promise<RTCStatsReport> },
  clock: Clock,
): Promise<RtpCounts | undefined> {
  let timer: unknown
  const timeout = new Promise<undefined>((resolve) => {
    timer = clock.setTimeout(() => resolve(undefined), STATS_TIMEOUT_MS)
  })
  try {
    const report = await Promise.race([target.getStats(), timeout])
    return report && sumOf(report)
  } catch {
    return undefined
  } finally {
    clock.clearTimeout(timer)
  }
}

const sumOf = (report: RTCStatsReport): RtpCounts => {
  const counts = { framesSent: 0, bytesSent: 0, framesDecoded: 0, bytesReceived: 0 }
  report.forEach((entry: Partial<Record<string, unknown>>) => {
    if (entry['type'] !== 'outbound-rtp' && entry['type'] !== 'inbound-rtp') return
    for (const name of Object.keys(counts) as (keyof RtpCounts)[]) {
      const value = entry[name]
      if (typeof value === 'number') counts[name] += value
    }
  })
  return counts
}

const STATS_TIMEOUT_MS = 2000
