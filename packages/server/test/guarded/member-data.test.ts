import { encodeBase64Url } from '@conclave/base'
import { randomParticipant } from '@conclave/server/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMember, encodeMember } from '../../src/guarded/member-data.ts'
import { bytes } from '../support.ts'

const SEED = 20_261_201

test('[G16] every member fits into the data of an entry, and comes out as it was', () => {
  const text = (maxLength: number): fc.Arbitrary<string> =>
    fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      ...{ minLength: 1, maxLength, size: 'max' },
    })
  const info = fc
    .uint8Array({ maxLength: 1024, size: 'max' })
    .map((sealed) => encodeBase64Url(sealed))
  fc.assert(
    fc.property(text(128), text(64), info, (user, device, sealed) => {
      const member = { id: randomParticipant(), user, device, info: sealed }
      const data = encodeMember(member)
      expect(data.length).toBeLessThanOrEqual(2048)
      expect(decodeMember(data)).toEqual(member)
    }),
    { seed: SEED, numRuns: 300 },
  )
})

test('[G16] data of an entry that are no member are none, whatever an engine tells', () => {
  const member = { id: randomParticipant(), user: 'alice', device: 'phone', info: '' }
  for (const wrong of [
    { ...member, more: 1 },
    { ...member, user: 'a b' },
    { ...member, id: 'x' },
  ])
    expect(decodeMember(encodeMember(wrong as typeof member).slice())).toEqual(
      'more' in wrong ? member : undefined,
    )
  expect(decodeMember(undefined)).toBeUndefined()
  expect(decodeMember(bytes('{"__proto__":{}}'))).toBeUndefined()
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (data) => {
      expect(decodeMember(data)).toBeUndefined()
    }),
    { seed: SEED, numRuns: 1000 },
  )
})
