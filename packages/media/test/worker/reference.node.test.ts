import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '@conclave/base'
import { openFrame } from '../../src/worker/frame-opener.ts'
import { restoreReference, sealReference } from '../reference/sframe-reference.ts'
import { receiverKey, receivingTrack, seal, senderKey } from '../support/frames.ts'

/** Low bytes more often than others: zeros beside them are what emulation prevention is about. */
const lowBytes = fc
  .array(
    fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 }), fc.integer({ max: 255, min: 0 })),
    {
      maxLength: 60,
    },
  )
  .map((bytes) => Uint8Array.from(bytes))

const av1Frame = fc
  .tuple(fc.boolean(), fc.uint8Array({ maxLength: 127 }))
  .map(([isKey, body]) =>
    concatBytes([0x12, 0], isKey ? [0x0a, 3, 1, 2, 3] : [], [0x32, body.length], body),
  )

/** Units without zeros, which are clear, then a slice of any bytes. */
const h264Frame = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.boolean(),
        fc.constantFrom(0x67, 0x68, 0x06, 0x09),
        fc.uint8Array({ min: 1, maxLength: 90 }),
      ),
      { maxLength: 6 },
    ),
    fc.boolean(),
    fc.constantFrom(0x65, 0x41, 0x01, 0x25),
    fc.constantFrom([0xb8], [0x9a, 0x02], [0x88, 0x84], [0x00, 0x80, 0x80, 0xff, 0xff]),
    lowBytes,
  )
  .map(([units, isShort, slice, head, rest]) =>
    concatBytes(
      ...units.flatMap(([short, type, body]) => [startCode(short), [type], body]),
      startCode(isShort),
      [slice],
      head,
      rest,
    ),
  )
const startCode = (isShort: boolean): readonly number[] => (isShort ? [0, 0, 1] : [0, 0, 0, 1])

const input = fc.record({
  suite: fc.constantFrom(4 as const, 5 as const),
  baseKey: fc.uint8Array({ minLength: 16, maxLength: 32 }),
  kid: fc.bigInt({ min: 2n ** 48n, max: 2n ** 56n - 1n }),
  counter: fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
  label: fc.constantFrom('microphone', 'camera', 'screen', 'é'),
  hasClearVp9Byte: fc.boolean(),
  content: fc.oneof(
    fc.record({
      mimeType: fc.constantFrom('audio/opus', 'video/vp8', 'video/vp9'),
      frame: fc.uint8Array({ minLength: 10, maxLength: 200 }),
    }),
    fc.record({ mimeType: fc.constant('video/av1'), frame: av1Frame }),
    fc.record({ mimeType: fc.constant('video/h264'), frame: h264Frame }),
  ),
})

test('[M1, M3, M4, M45, M46, M47, M48] the same bytes as a plain reference on other cryptography', async () => {
  await fc.assert(
    fc.asyncProperty(input, async ({ content, ...rest }) => {
      const frame = { ...content, ...rest }
      const key = await senderKey({ ...frame, first: frame.counter })
      const sealed = await seal(key, frame.frame, frame)
      expect(Buffer.from(sealed)).toEqual(sealReference(frame))
      const receiver = await receiverKey(frame)
      const track = receivingTrack(frame.label, () => receiver)
      const opened = await openFrame({ data: sealed, mimeType: frame.mimeType }, track)
      expect(opened).toEqual({
        type: 'opened',
        key: receiver,
        data: Uint8Array.from(restoreReference(frame)),
      })
    }),
    { numRuns: 400 },
  )
})
