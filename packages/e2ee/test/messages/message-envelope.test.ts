import {
  decodeEnvelopeHeader,
  MAX_BODY_BYTES,
  MAX_SEALED_BYTES,
  SEALED_OVERHEAD_BYTES,
} from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeEnvelopeHeader, MAX_SEQUENCE } from '../../src/messages/message-envelope.ts'
import { concatBytes } from '@conclave/base'

const SALT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const withTag = (header: Uint8Array): Uint8Array => concatBytes(header, new Uint8Array(32))

test('[P5] sizes: 60 bytes more than the body, 64 KiB together', () => {
  expect([SEALED_OVERHEAD_BYTES, MAX_BODY_BYTES, MAX_SEALED_BYTES]).toEqual([60, 65_476, 65_536])
})

test('[P7] every header survives its bytes', () => {
  const headers = fc.record({
    kind: fc.nat(255),
    audience: fc.constantFrom('room' as const, 'direct' as const, 'data' as const),
    keyId: fc.oneof(fc.constant(''), fc.string({ maxLength: 30, unit: 'grapheme' })),
    epoch: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    sequence: fc.oneof(fc.nat(), fc.integer({ min: 0, max: MAX_SEQUENCE })),
    salt: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => new Uint8Array(bytes)),
  })
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = encodeEnvelopeHeader(header)
      expect(bytes.length).toBe(28 + new TextEncoder().encode(header.keyId).length)
      expect(decodeEnvelopeHeader(withTag(bytes))).toEqual(header)
    }),
    {
      examples: [
        [{ kind: 0, audience: 'room', keyId: '', epoch: 0n, sequence: MAX_SEQUENCE, salt: SALT }],
        [
          {
            ...{ kind: 255, audience: 'direct', keyId: '🔑'.repeat(63) },
            ...{ epoch: 2n ** 64n - 1n, sequence: 2 ** 32, salt: SALT },
          },
        ],
      ],
    },
  )
})

test('[P7] anything but bytes is no message', () => {
  const proxy = new Proxy(new Uint8Array(80), {})
  const others: unknown[] = [undefined, null, 5, 'x'.repeat(80), { length: 80 }, proxy]
  for (const other of [...others, new Uint16Array(80)]) {
    expect(decodeEnvelopeHeader(other as never)).toBeUndefined()
  }
})

test('[P7] any bytes: no throw, and what decodes encodes to the same header', () => {
  const nearly = fc
    .tuple(
      fc.constantFrom(0, 1, 2),
      fc.nat(255),
      fc.nat(3),
      fc.nat(3),
      fc.uint8Array({ maxLength: 90 }),
    )
    .map(([version, kind, audience, keyIdLength, rest]) =>
      Uint8Array.of(version, kind, audience, keyIdLength, ...rest),
    )
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 130 }), nearly), (bytes) => {
      const header = decodeEnvelopeHeader(bytes)
      if (header === undefined) return
      expect(encodeEnvelopeHeader(header)).toEqual(
        new Uint8Array(bytes.subarray(0, 28 + (bytes[3] ?? 0))),
      )
    }),
    { numRuns: 1000 },
  )
})

test('[P7] 60 to 65,536 bytes are an envelope, fewer or more are none', () => {
  const header = encodeEnvelopeHeader({
    kind: 3,
    audience: 'room',
    keyId: '',
    epoch: 0n,
    sequence: 0,
    salt: SALT,
  })
  const decoded = [59, 60, MAX_SEALED_BYTES, MAX_SEALED_BYTES + 1].map((length) => {
    const bytes = new Uint8Array(length)
    bytes.set(header)
    return decodeEnvelopeHeader(bytes) !== undefined
  })
  expect(decoded).toEqual([false, true, true, false])
})

test('[P7] reads a view into a larger array', () => {
  const name = { kind: 3, audience: 'direct', keyId: 'k', epoch: 1n, sequence: 2 } as const
  const header = { ...name, salt: SALT }
  const larger = concatBytes(new Uint8Array(7).fill(9), withTag(encodeEnvelopeHeader(header)))
  expect(decodeEnvelopeHeader(larger.subarray(7))).toEqual(header)
})
