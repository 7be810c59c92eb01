import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IvSource } from '../../src/livekit/format/iv-source.ts'
import { openLiveKitFrame } from '../../src/livekit/format/open-frame.ts'
import { sealLiveKitFrame } from '../../src/livekit/format/seal-frame.ts'
import { SeenIvs } from '../../src/livekit/format/seen-ivs.ts'
import { deriveRingKey } from '../../src/livekit/page/ring-key.ts'
import { sealLiveKitReference } from '../reference/livekit/livekit-reference.ts'

const zeros = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 255), { minLength: 1, maxLength: 60 })
const input = fc.record({
  material: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  salt: fc.string(),
  keyBits: fc.constantFrom(128 as const, 256 as const),
  index: fc.nat(255),
  iv: fc.oneof(
    fc.uint8Array({ minLength: 12, maxLength: 12 }),
    fc
      .array(fc.constantFrom(0, 1, 3), { minLength: 12, maxLength: 12 })
      .map((all) => Uint8Array.from(all)),
  ),
  mimeType: fc.constantFrom('audio/opus', 'video/vp8', 'video/vp9', 'video/h264'),
  body: fc.oneof(
    fc.uint8Array({ minLength: 10, maxLength: 200 }),
    zeros.map((all) => Uint8Array.from([...all, ...Array(10).keys()])),
  ),
})

test('[M75, M76, M77, M78] the same bytes as a plain reference on other cryptography', async () => {
  await fc.assert(
    fc.asyncProperty(input, async ({ body, ...vector }) => {
      const head = [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x41, 0x9a]
      const frame =
        vector.mimeType === 'video/h264' ? Uint8Array.of(...head, ...body) : Uint8Array.from(body)
      const key = await deriveRingKey(vector.material, vector)
      const iv = Uint8Array.from(vector.iv)
      const ringKey = () => ({ key, ivs: new IvSource(iv), seen: new SeenIvs(), isProven: false })
      const { index, mimeType } = vector
      const sealed = await sealLiveKitFrame({ data: frame, mimeType }, { index, key: ringKey() })
      if (sealed.type !== 'sealed') throw new Error(sealed.type)
      expect(Buffer.from(sealed.data)).toEqual(sealLiveKitReference({ ...vector, frame }))
      const reader = { ...ringKey(), ivs: new IvSource(iv.map((byte) => byte ^ 1)) }
      const sender = { findKey: () => reader, now: () => 0 }
      const opened = await openLiveKitFrame({ data: sealed.data, mimeType }, sender)
      expect(opened.type).toBe('opened')
    }),
    { numRuns: 300 },
  )
})

test('[M78] where the clear part ends with a zero, sealed bytes that would need an escape get another IV', async () => {
  const key = await deriveRingKey(new Uint8Array(32).fill(1), { salt: 'a', keyBits: 128 })
  const ivs = new IvSource(new Uint8Array(12).fill(9))
  const sealing = { index: 0, key: { key, ivs, seen: new SeenIvs(), isProven: false } }
  const data = Uint8Array.of(0, 0, 0, 1, 0x41, 0, 7, 7, 7)
  const count = 30_000
  for (let at = 0; at < count; at += 1) {
    const sealed = await sealLiveKitFrame({ data, mimeType: 'video/h264' }, sealing)
    if (sealed.type !== 'sealed') throw new Error(sealed.type)
    if (sealed.data[6] === 0 && (sealed.data[7] ?? 0) <= 3)
      throw new Error('looks like a start code')
  }
  // Its counter says how many IVs were taken.
  const next = new DataView((ivs.next() ?? new Uint8Array(12)).buffer).getUint32(4)
  expect(next).toBeGreaterThan(0x09090909 + count)
})
