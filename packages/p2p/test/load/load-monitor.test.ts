import { VirtualClock } from '@conclave/base/testing'
import { afterEach, expect, test, vi } from 'vitest'
import { LoadMonitor } from '../../src/load/load-monitor.ts'

afterEach(() => void vi.unstubAllGlobals())

/** A connection whose codecs take a share of the time. */
class Connection {
  busy = 0.1
  reason = 'none'
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async getStats(): Promise<Map<string, object>> {
    const seconds = (this.busy * this.#clock.now()) / 1000
    const both = { kind: 'video', qualityLimitationReason: this.reason }
    return new Map([
      ['a', { ...both, type: 'outbound-rtp', totalEncodeTime: (2 * seconds) / 3 }],
      ['b', { ...both, type: 'inbound-rtp', totalDecodeTime: seconds / 3 }],
      ['c', { kind: 'audio', type: 'outbound-rtp' }],
    ])
  }
}

const stand = (cores: number, pixels: (level: number) => number = () => 0) => {
  vi.stubGlobal('navigator', { hardwareConcurrency: cores })
  const clock = new VirtualClock()
  const connections = [new Connection(clock), new Connection(clock)]
  let changes = 0
  const monitor = new LoadMonitor({
    ...{ clock, pixels },
    connections: () => connections as unknown as RTCPeerConnection[],
    changed: () => {
      changes += 1
    },
  })
  const pass = async (count: number): Promise<void> => {
    for (let each = 0; each < count; each += 1) {
      clock.advance(2000)
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
    }
  }
  return { monitor, connections, clock, pass, changes: () => changes }
}

test('[S122] encoding and decoding of all connections count, against all cores', async () => {
  const { monitor, connections, pass, changes } = stand(2)
  monitor.start()
  // A share of 0.8 of one core is 0.4 of two.
  for (const connection of connections) connection.busy = 0.4
  await pass(1)
  expect(monitor.level).toBe(0)
  await pass(1)
  expect([monitor.level, changes()]).toEqual([1, 1])
  monitor.stop()
  await pass(3)
  expect(monitor.level).toBe(1)
})

test('[S122] encoders that the platform calls limited by the processor count, also where little time is spent', async () => {
  const { monitor, connections, pass } = stand(8)
  monitor.start()
  await pass(3)
  expect(monitor.level).toBe(0)
  for (const connection of connections.slice(1)) connection.reason = 'cpu'
  await pass(1)
  expect(monitor.level).toBe(1)
})

test('[S122] a mesh begins with what its cores can be expected to do, and stops looking when nobody else is there', async () => {
  const pixels = (level: number): number => 40_000_000 / 2 ** level
  for (const [cores, level] of [
    [8, 0],
    [4, 0],
    [2, 1],
    [1, 2],
  ] as const) {
    const { monitor } = stand(cores, pixels)
    monitor.start()
    expect(monitor.level).toBe(level)
    monitor.stop()
  }
  const { monitor, connections, clock, pass } = stand(4)
  monitor.start()
  // A look is under way.
  clock.advance(2000)
  monitor.stop()
  for (const connection of connections) connection.busy = 4
  await pass(5)
  expect([monitor.level, clock.pending]).toEqual([0, 0])
  monitor.start()
  await pass(2)
  expect([monitor.level, clock.pending]).toEqual([1, 1])
})
