import { describe, expect, test } from 'vitest'
import type { ParticipantId } from '@conclave/wire'
import { NO_DROPS, NO_FRAMES } from '../../src/shared/frame-counters.ts'
import { exceeds, stepBlindness } from '../../src/page/flow-comparison.ts'
import { Watchdog, WATCHDOG_INTERVAL_MS } from '../../src/page/watchdog.ts'
import type { WatchedTarget } from '../../src/page/watchdog.ts'
import type { PipeCounters } from '../../src/shared/protocol.ts'
import { VirtualClock } from '@conclave/base/testing'
import { settle } from '../support/settle.ts'

interface Numbers {
  readonly side: 'seal' | 'open'
  readonly kind: 'audio' | 'video'
  framesSent?: number
  packetsSent?: number
  headerBytesSent?: number
  bytesSent?: number
  framesDecoded?: number
  packetsReceived?: number
  bytesReceived?: number
  work?: Partial<PipeCounters>
}

const scene = (numbers: Numbers) => {
  const clock = new VirtualClock(0)
  const mismatches: WatchedTarget[] = []
  const still: WatchedTarget[] = []
  const worker = { hasStats: true, releases: false, isReleased: false }
  const target: WatchedTarget = {
    side: numbers.side,
    kind: numbers.kind,
    pipes: [1],
    getStats: async () => {
      if (!worker.hasStats) return new Promise(() => {})
      const type = numbers.side === 'seal' ? 'outbound-rtp' : 'inbound-rtp'
      const entries = [{ ...numbers, type }, { type: 'codec' }] as const
      return new Map(entries.map((entry) => [entry.type, entry])) as unknown as RTCStatsReport
    },
  }
  const watchdog = new Watchdog({
    clock,
    targets: () => (worker.isReleased ? [] : [target]),
    readCounters: async () => {
      if (worker.releases) worker.isReleased = true
      return worker.isReleased ? [] : [counters(numbers)]
    },
    onMismatch: (found) => mismatches.push(found),
    onStill: (found) => still.push(found),
  })
  const look = async (count = 1): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      clock.advance(WATCHDOG_INTERVAL_MS)
      await settle()
    }
  }
  return { worker, numbers, mismatches, still, clock, look, watchdog }
}

const counters = ({ side, kind, work }: Numbers): PipeCounters => ({
  pipe: 1,
  side,
  kind,
  participant: 'alice' as ParticipantId,
  label: 'camera',
  keyFrameRequests: 0,
  keyFrames: 0,
  waiting: 0,
  before: NO_FRAMES,
  isVacant: false,
  ...NO_FRAMES,
  ...work,
})

describe('outbound', () => {
  test('[M23] video sent past the worker is found at the second look', async () => {
    const { look, mismatches } = scene({ side: 'seal', kind: 'video', framesSent: 15 })
    await look()
    expect(mismatches).toEqual([])
    await look()
    expect(mismatches).toHaveLength(1)
  })

  test('[M23] frames may take until the next look to reach the worker', async () => {
    const scenery = scene({ side: 'seal', kind: 'video', framesSent: 20 })
    await scenery.look()
    Object.assign(scenery.numbers, { framesSent: 60, work: { sealed: 20 } })
    await scenery.look()
    Object.assign(scenery.numbers, { framesSent: 60, work: { sealed: 60 } })
    await scenery.look(3)
    expect(scenery.mismatches).toEqual([])
  })

  test('[M23] sound sent past the worker is found, by bytes', async () => {
    const { look, mismatches } = scene({ side: 'seal', kind: 'audio', bytesSent: 1500 })
    await look()
    expect(mismatches).toHaveLength(1)
  })

  test('[M23] frames that were sealed or empty may be sent; so may the tolerance', async () => {
    const work = { sealed: 100, empty: 3 }
    const { look, mismatches } = scene({ side: 'seal', kind: 'video', framesSent: 108, work })
    await look(5)
    expect(mismatches).toEqual([])
    expect(exceeds({ rtp: 5, work: 0 })).toBe(false)
    expect(exceeds({ rtp: 6, work: 0 })).toBe(true)
  })

  test('[M23] video that the worker dropped was counted before it: that is no risk', async () => {
    const dropped = { ...NO_DROPS, 'missing-key': 100 }
    const numbers = { side: 'seal', framesSent: 100, work: { dropped } } as const
    const { look, mismatches } = scene({ ...numbers, kind: 'video' })
    await look(3)
    expect(mismatches).toEqual([])
  })

  test('[M23, M56] frames of the track before count too', async () => {
    const work = { sealed: 20, before: { ...NO_FRAMES, sealed: 80 } }
    const { look, mismatches } = scene({ side: 'seal', kind: 'video', framesSent: 100, work })
    await look(3)
    expect(mismatches).toEqual([])
  })

  test('[M23] packets of nothing but padding are no risk: they have no bytes of sound', async () => {
    const work = { sealed: 80, sealedBytes: 8000 }
    const padded = { packetsSent: 200, headerBytesSent: 9000, bytesSent: 8900 }
    const { look, mismatches } = scene({ side: 'seal', kind: 'audio', ...padded, work })
    await look(5)
    expect(mismatches).toEqual([])
  })

  test('[M23] sound that the worker dropped must not be sent', async () => {
    const dropped = { ...NO_DROPS, 'missing-key': 100 }
    const numbers = { side: 'seal', bytesSent: 10_000, work: { dropped } } as const
    const { look, mismatches } = scene({ ...numbers, kind: 'audio' })
    await look()
    expect(mismatches).toHaveLength(1)
  })
})

describe('inbound', () => {
  test('[M24] video decoded past the worker is found', async () => {
    const { look, mismatches } = scene({
      side: 'open',
      kind: 'video',
      framesDecoded: 20,
      work: { opened: 10 },
    })
    await look()
    expect(mismatches).toHaveLength(1)
  })

  test('[M24] sound that the worker never sees is found at the second look', async () => {
    const { look, mismatches, numbers } = scene({
      side: 'open',
      kind: 'audio',
      bytesReceived: 2500,
    })
    await look()
    expect(mismatches).toEqual([])
    numbers.bytesReceived = 5000
    await look()
    expect(mismatches).toHaveLength(1)
  })

  test('[M24] packets of nothing but padding are no sound', async () => {
    const numbers: Numbers = { side: 'open', kind: 'audio', packetsReceived: 100 }
    const { look, mismatches } = scene(numbers)
    for (let round = 2; round < 6; round += 1) {
      await look()
      numbers.packetsReceived = 100 * round
    }
    expect(mismatches).toEqual([])
  })

  test('[M24] sound that is dropped or waits was seen', () => {
    let seen = stepBlindness(undefined, { bytes: 2500, seen: 0 })
    expect(seen.intervals).toBe(1)
    seen = stepBlindness(seen, { bytes: 5000, seen: 20 })
    expect(seen.intervals).toBe(0)
    seen = stepBlindness(seen, { bytes: 5500, seen: 20 })
    expect(seen.intervals).toBe(0)
  })
})

test('[M23] a connection that gives no statistics is compared when it gives some', async () => {
  const scenery = scene({ side: 'seal', kind: 'video', framesSent: 99 })
  scenery.worker.hasStats = false
  await scenery.look(50)
  expect(scenery.mismatches).toEqual([])
  scenery.worker.hasStats = true
  await scenery.look(10)
  expect(scenery.mismatches).not.toEqual([])
})

test('[M23, M30] a connection that is released while it is compared is no risk', async () => {
  const work = { sealed: 100, sealedBytes: 50_000 }
  const scenery = scene({ side: 'seal', kind: 'audio', bytesSent: 50_000, work })
  await scenery.look()
  scenery.worker.releases = true
  await scenery.look(2)
  expect(scenery.mismatches).toEqual([])
})

test('[M21] once closed it looks no more', async () => {
  const scenery = scene({ side: 'seal', kind: 'video', framesSent: 99 })
  scenery.watchdog.close()
  await scenery.look(3)
  expect(scenery.mismatches).toEqual([])
  expect(scenery.clock.pending).toBe(0)
})

describe('decoders', () => {
  const receiving = (kind: 'audio' | 'video' = 'video') => {
    const numbers: Numbers = { side: 'open', kind, framesDecoded: 1, work: { opened: 1 } }
    const scenery = scene(numbers)
    const grow = async (opened: number, decoded: number): Promise<number> => {
      numbers.work = { opened: (numbers.work?.opened ?? 0) + opened }
      numbers.framesDecoded = (numbers.framesDecoded ?? 0) + decoded
      await scenery.look()
      return scenery.still.length
    }
    return { ...scenery, grow }
  }

  test('[M101] one that stands still while frames are opened gets a key frame, and three at most', async () => {
    const { grow, mismatches } = receiving()
    expect(await grow(0, 0)).toBe(0)
    expect(await grow(15, 15)).toBe(0)
    expect(await grow(15, 0)).toBe(1)
    expect(await grow(15, 0)).toBe(2)
    expect(await grow(15, 0)).toBe(3)
    expect(await grow(15, 0)).toBe(3)
    // It goes on, and stands still once more.
    expect(await grow(15, 1)).toBe(3)
    expect(await grow(15, 0)).toBe(4)
    expect(mismatches).toEqual([])
  })

  test('[M101] one that has little to decode, sound, and the first look are left alone', async () => {
    const quiet = receiving()
    await quiet.grow(100, 0)
    expect(quiet.still).toEqual([])
    for (let i = 0; i < 10; i += 1) await quiet.grow(4, 0)
    expect(quiet.still).toEqual([])
    const sound = receiving('audio')
    for (let i = 0; i < 3; i += 1) await sound.grow(25, 0)
    expect(sound.still).toEqual([])
  })
})
