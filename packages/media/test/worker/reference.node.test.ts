import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealReference } from '../reference/sframe-reference.ts'
import { seal, senderKey } from '../support/frames.ts'

const input = fc.record({
  suite: fc.constantFrom(4 as const, 5 as const),
  baseKey: fc.uint8Array({ minLength: 16, maxLength: 32 }),
  kid: fc.bigInt({ min: 0n, max: 2n ** 56n - 1n }),
  counter: fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  label: fc.constantFrom('microphone', 'camera', 'screen', 'é'),
  mimeType: fc.constantFrom('audio/opus', 'video/vp8'),
  frame: fc.uint8Array({ minLength: 10, maxLength: 200 }),
})

test('[M1, M3, M4] the same bytes as a plain reference on other cryptography', async () => {
  await fc.assert(
    fc.asyncProperty(input, async (frame) => {
      const key = await senderKey({ ...frame, first: frame.counter })
      expect(Buffer.from(await seal(key, frame.frame, frame))).toEqual(sealReference(frame))
    }),
    { numRuns: 200 },
  )
})
