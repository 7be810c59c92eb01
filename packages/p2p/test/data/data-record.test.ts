import { expect, test } from 'vitest'
import {
  MAX_DATA_BYTES,
  MAX_UNRELIABLE_DATA_BYTES,
  decodeDataRecord,
  encodeDataRecords,
} from '../../src/data/data-record.ts'

test('[S90] records have the bytes of the table', () => {
  const records = encodeDataRecords({ channel: 'ä', bytes: Uint8Array.of(7, 8) }, 258)
  expect(records).toEqual([
    Uint8Array.of(1, 3, 0, 0, 0, 0, 1, 2, 0, 2, 0xc3, 0xa4, 0, 0, 0, 2, 7, 8),
  ])
})

test.each([0, 1, 64_999, 65_000, 65_001, 130_000, MAX_DATA_BYTES])(
  '[S90] a message of %i bytes is divided into records that are decoded as they were encoded',
  (length) => {
    const bytes = new Uint8Array(length).fill(3)
    const records = encodeDataRecords({ channel: 'a', bytes }, 5).map(decodeDataRecord)
    expect(records.map((record) => record?.sequence)).toEqual(records.map((_, index) => index + 5))
    expect(records.map((record) => record?.first)).toEqual(
      records.map((_, index) => (index === 0 ? { channel: 'a', byteLength: length } : undefined)),
    )
    expect(records.map((record) => record?.isLast)).toEqual(
      records.map((_, index) => index === records.length - 1),
    )
    const pieces = records.map((record) => record?.piece.length ?? -1)
    expect(pieces.slice(0, -1).every((each) => each === MAX_UNRELIABLE_DATA_BYTES)).toBe(true)
    expect(pieces.reduce((sum, each) => sum + each, 0)).toBe(length)
  },
)
