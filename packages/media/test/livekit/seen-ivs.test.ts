import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IvSource } from '../../src/livekit/format/iv-source.ts'
import { SeenIvs } from '../../src/livekit/format/seen-ivs.ts'

const iv = (stream: number, time: number, mark = 0): Uint8Array<ArrayBuffer> => {
  const view = new DataView(new ArrayBuffer(12))
  view.setUint32(0, stream)
  view.setUint32(4, time)
  view.setUint32(8, mark)
  return new Uint8Array(view.buffer)
}

test('[M81] an IV is accepted once, in any order within a stream', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ stream: fc.nat(3), time: fc.nat(400), mark: fc.nat(1) }), {
        maxLength: 400,
      }),
      fc.nat({ max: 2 ** 32 - 1 }),
      (frames, start) => {
        const seen = new SeenIvs()
        const accepted = new Set<string>()
        for (const { stream, time, mark } of frames) {
          const name = `${stream}/${time}/${mark}`
          const given = iv(stream, start + time, mark)
          expect(seen.isFresh(given, 0)).toBe(!accepted.has(name))
          expect(seen.accept(given, 0)).toBe(!accepted.has(name))
          accepted.add(name)
        }
      },
    ),
  )
})

test('[M81] of 10,000 frames none is accepted again, however old', () => {
  const seen = new SeenIvs()
  const all = Array.from({ length: 10_000 }, (_, at) =>
    iv(7, 2 ** 32 - 5000 * 3000 + 3000 * at, at),
  )
  for (const [at, given] of all.entries()) expect(seen.accept(given, at * 33)).toBe(true)
  for (const given of all) expect(seen.accept(given, 330_000)).toBe(false)
})

test('[M81] a frame that comes late is accepted among the last 512 of its stream', () => {
  const seen = new SeenIvs()
  for (let at = 0; at < 1000; at += 1) if (at !== 600) seen.accept(iv(1, at * 960), at * 20)
  expect(seen.accept(iv(1, 600 * 960), 20_000)).toBe(true)
  expect(seen.accept(iv(1, 400 * 960, 9), 20_000)).toBe(false)
})

test('[M81] a stream goes on after a pause of hours, and a time that comes too early for every clock is refused', () => {
  const seen = new SeenIvs()
  const hour = 3_600_000
  seen.accept(iv(1, 1000), 0)
  expect(seen.isFresh(iv(1, 1000 + 90 * hour), 60_000)).toBe(false)
  expect(seen.accept(iv(1, 1000 + 90 * hour), hour)).toBe(true)
  // An old time, seen from a new one, lies ahead once the clock has gone round half.
  seen.accept(iv(1, 1000 + 180 * hour), 2 * hour)
  seen.accept(iv(1, 1000 + 360 * hour), 4 * hour)
  seen.accept(iv(1, 1000 + 630 * hour), 7 * hour)
  expect(seen.isFresh(iv(1, 1000), 7 * hour)).toBe(false)
})

test('[M81] a stream that went quiet keeps its last time', () => {
  const seen = new SeenIvs()
  seen.accept(iv(0, 100), 0)
  seen.accept(iv(0, 90), 0)
  for (let stream = 1; stream <= 300; stream += 1) seen.accept(iv(stream, 5), 0)
  for (const time of [80, 90, 100]) expect(seen.accept(iv(0, time), 1000)).toBe(false)
  expect(seen.accept(iv(0, 101), 1000)).toBe(true)
  expect(seen.accept(iv(0, 101), 1000)).toBe(false)
})

test('[M81] streams are bounded: beyond 16,384 new ones are refused, the others go on', () => {
  const seen = new SeenIvs()
  for (let stream = 0; stream < 16_384; stream += 1) {
    expect(seen.accept(iv(stream, 5), 0)).toBe(true)
  }
  expect(seen.accept(iv(99_999, 5), 0)).toBe(false)
  expect(seen.accept(iv(0, 6), 0)).toBe(true)
})

test('[M80] a source gives no IV twice, and ends', () => {
  const first = Uint8Array.of(1, 2, 3, 4, 255, 255, 255, 254, 5, 6, 7, 8)
  const source = new IvSource(first)
  const given = Array.from({ length: 4 }, () => source.next())
  expect(given.map((bytes) => bytes?.slice(4, 8))).toEqual([
    Uint8Array.of(255, 255, 255, 254),
    Uint8Array.of(255, 255, 255, 255),
    Uint8Array.of(0, 0, 0, 0),
    Uint8Array.of(0, 0, 0, 1),
  ])
  for (const bytes of given) {
    expect(bytes?.slice(0, 4)).toEqual(first.slice(0, 4))
    expect(bytes?.slice(8)).toEqual(first.slice(8))
    expect(source.couldGive(bytes ?? first)).toBe(true)
  }
  expect(source.couldGive(Uint8Array.of(1, 2, 3, 4, 0, 0, 0, 0, 5, 6, 7, 9))).toBe(false)
  const last = new IvSource(first, 2 ** 32 - 1)
  expect(last.next()).toBeDefined()
  expect(last.next()).toBeUndefined()
  expect(last.next()).toBeUndefined()
})

test('[M80, M81] the guard takes the IVs of a source in any order of a second', () => {
  const source = new IvSource(crypto.getRandomValues(new Uint8Array(12)))
  const seen = new SeenIvs()
  for (let round = 0; round < 40; round += 1) {
    const given = Array.from({ length: 100 }, () => source.next() ?? new Uint8Array(12))
    for (const bytes of given.toReversed()) expect(seen.accept(bytes, round * 1000)).toBe(true)
    for (const bytes of given) expect(seen.accept(bytes, round * 1000)).toBe(false)
  }
})
