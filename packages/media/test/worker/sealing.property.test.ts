import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { concatBytes } from '@conclave/base'
import { decodeSFrameHeader, encodeSFrameHeader } from '../../src/sframe/header.ts'
import { REPLAY_WINDOW_SIZE } from '../../src/worker/replay-bitmap.ts'
import { bytes, open, receiverKey, seal, senderKey } from '../support/frames.ts'

const mimeType = fc.constantFrom(
  'audio/opus',
  'video/vp8',
  'video/vp9',
  'video/av1',
  'video/h264',
  'video/h265',
)
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

const codecs = ['audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264'] as const
/** Any bytes, as a frame of a codec. */
const frameOf = (codec: (typeof codecs)[number], body: Uint8Array): Uint8Array => {
  const isKey = (body[0] ?? 0) % 2 === 0
  if (codec === 'video/av1') {
    return concatBytes(isKey ? [0x12, 0, 0x0a, 1, 0] : [], [0x32, body.length], body)
  }
  if (codec !== 'video/h264') return body
  const sets = [0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce]
  return concatBytes(isKey ? sets : [], [0, 0, 0, 1, isKey ? 0x65 : 0x41, 0x9a, 0x02], body)
}

test.for(codecs)(
  '[M4, M11, M46] a flip of any bit of %s makes no other frame open',
  async (codec) => {
    const sender = await senderKey()
    const key = await receiverKey()
    const cases = fc.record({
      body: fc.uint8Array({ minLength: 10, maxLength: 60 }),
      at: fc.nat(),
      bit: fc.nat({ max: 7 }),
      hasClearVp9Byte: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ body, at, bit, hasClearVp9Byte }) => {
        const frame = frameOf(codec, body)
        const sealed = await seal(sender, frame, { mimeType: codec, hasClearVp9Byte })
        const i = at % sealed.length
        const damaged = sealed.with(i, (sealed[i] ?? 0) ^ (1 << bit))
        const opened = await open(key, damaged, { mimeType: codec })
        expect(opened.type).not.toBe('opened')
        expect(await open(key, sealed, { mimeType: codec })).toMatchObject({
          type: 'opened',
          data: frame,
        })
      }),
      { numRuns: 300 },
    )
  },
)

test.for(codecs)(
  '[M49, M12, M13] a bad frame of %s costs no key and one decryption at most',
  async (codec) => {
    const sender = await senderKey()
    const key = await receiverKey()
    const genuine = await seal(sender, frameOf(codec, bytes(50)), { mimeType: codec })
    const stranger = await senderKey({ kid: 0x7700000000002an })
    const unknown = await seal(stranger, frameOf(codec, bytes(50)), { mimeType: codec })
    const imposter = await senderKey({ baseKey: bytes(16, 99) })
    const forged = await seal(imposter, frameOf(codec, bytes(50)), { mimeType: codec })
    expect(await open(key, genuine, { mimeType: codec })).toMatchObject({ type: 'opened' })
    const spies = (['decrypt', 'deriveBits', 'deriveKey', 'importKey'] as const).map((name) =>
      vi.spyOn(crypto.subtle, name),
    )
    onTestFinished(() => void vi.restoreAllMocks())
    const outcomes = []
    for (const frame of [
      ...[genuine, forged, unknown, genuine.subarray(0, -1), genuine.subarray(0, 12)],
      ...Array.from(genuine, (byte, at) => genuine.with(at, byte ^ 0x40)),
    ]) {
      outcomes.push((await open(key, frame, { mimeType: codec })).type)
    }
    expect(outcomes).not.toContain('opened')
    const [decryptions = 0, ...others] = spies.map((spy) => spy.mock.calls.length)
    expect(decryptions).toBeLessThanOrEqual(outcomes.length)
    expect(others).toEqual([0, 0, 0])
  },
)

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
