import { expect, test } from 'vitest'
import { decodeKeyDescription, encodeKeyDescription } from '../../src/page/key-description.ts'

test('[M17] a description has suite and KID, and decodes to the same', () => {
  expect(encodeKeyDescription(0x2an, 4)).toBe('sframe/4/0000000000002a')
  expect(decodeKeyDescription('sframe/4/0000000000002a', 4)).toBe(0x2an)
  expect(decodeKeyDescription(encodeKeyDescription(2n ** 56n - 1n, 5), 5)).toBe(2n ** 56n - 1n)
})

test('[M17] anything else is no description', () => {
  for (const text of [
    '',
    'sframe/4/',
    'sframe/5/0000000000002a',
    'sframe/4/0000000000002A',
    'sframe/4/000000000000002a',
    'sframe/4/0000000000002a\n',
    'sframe/1/0000000000002a',
    42,
    undefined,
    null,
    {},
  ]) {
    expect(decodeKeyDescription(text, 4)).toBeUndefined()
  }
})
