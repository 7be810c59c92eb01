import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeSFrameHeader, encodeSFrameHeader } from '../../src/sframe/header.ts'
import { REPLAY_WINDOW_SIZE } from '../../src/worker/receiver-keys.ts'
import { open, receiverKey, seal, senderKey } from '../support/frames.ts'

const mimeType = fc.constantFrom('audio/opus', 'video/vp8', 'video/h264')
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })

test('[M2] any bytes decode to nothing, or to a header that encodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const header = decodeSFrameHeader(bytes)
      if (!header) return
      expect(encodeSFrameHeader(header.kid, header.ctr)).toEqual(bytes.slice(0, header.length))
    }),
  )
})

test('[M2] any two numbers come back', () => {
  fc.assert(
    fc.property(u64, u64, (kid, ctr) => {
      expect(decodeSFrameHeader(encodeSFrameHeader(kid, ctr))).toMatchObject({ kid, ctr })
    }),
  )
})

test('[M11] any bytes are dropped or name an unknown key, and nothing throws', async () => {
  const key = await receiverKey()
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), mimeType, async (bytes, codec) => {
      const { type } = await open(key, bytes, { mimeType: codec })
      expect(bytes.length === 0 ? ['empty'] : ['dropped', 'key-needed']).toContain(type)
    }),
    { numRuns: 500 },
  )
})

test('[M11] any bytes behind a genuine header are dropped', async () => {
  const key = await receiverKey()
  const header = (
    await seal(await senderKey(), Uint8Array.of(1), { mimeType: 'audio/opus' })
  ).slice(0, 8)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
      const frame = Uint8Array.from([...header, ...bytes])
      expect(await open(key, frame, { mimeType: 'audio/opus' })).toMatchObject({
        reason: 'not-authentic',
      })
    }),
    { numRuns: 300 },
  )
})

test('[M4, M11] a flip of any byte drops a frame', async () => {
  const sender = await senderKey()
  const key = await receiverKey()
  const cases = fc.record({
    frame: fc.uint8Array({ minLength: 10, maxLength: 60 }),
    codec: fc.constantFrom('audio/opus', 'video/vp8'),
    at: fc.nat(),
    mask: fc.integer({ min: 1, max: 255 }),
  })
  await fc.assert(
    fc.asyncProperty(cases, async ({ frame, codec, at, mask }) => {
      const sealed = await seal(sender, frame, { mimeType: codec })
      const i = at % sealed.length
      const damaged = sealed.with(i, (sealed[i] ?? 0) ^ mask)
      expect((await open(key, damaged, { mimeType: codec })).type).not.toBe('opened')
      expect(await open(key, sealed, { mimeType: codec })).toMatchObject({
        type: 'opened',
        data: frame,
      })
    }),
    { numRuns: 300 },
  )
})

test('[M12] the window of a key and label agrees with a set of everything accepted', async () => {
  const counters = fc.array(
    fc.oneof(
      fc.nat({ max: 200 }),
      fc.nat({ max: 3 * REPLAY_WINDOW_SIZE }),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    ),
    { maxLength: 200 },
  )
  const key = await receiverKey()
  let label = 0
  fc.assert(
    fc.property(counters, (arrivals) => {
      const track = `track ${label++}`
      const accepted = new Set<number>()
      let highest = -1
      for (const ctr of arrivals) {
        const isFresh = !accepted.has(ctr) && ctr > highest - REPLAY_WINDOW_SIZE
        expect(key.isFresh(track, ctr)).toBe(isFresh)
        expect(key.accept(track, ctr)).toBe(isFresh)
        accepted.add(ctr)
        highest = Math.max(highest, ctr)
      }
    }),
  )
})
