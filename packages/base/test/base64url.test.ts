import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { expect, test } from 'vitest'

const pairs: [string, number[]][] = [
  ['', []],
  ['Zg', [0x66]],
  ['Zm8', [0x66, 0x6f]],
  ['Zm9v', [0x66, 0x6f, 0x6f]],
  ['Zm9vYg', [0x66, 0x6f, 0x6f, 0x62]],
  ['-_8', [0xfb, 0xff]],
]

test.each(pairs)('[W3] %s goes both ways', (text, bytes) => {
  expect(encodeBase64Url(new Uint8Array(bytes))).toBe(text)
  expect([...(decodeBase64Url(text) ?? [-1])]).toEqual(bytes)
})

const refused = [
  'Z',
  'Zm9vY',
  'Zg==',
  'Zm8=',
  'Zh',
  'Zm9',
  'Zm9v\n',
  ' Zm9v',
  'Zm 9v',
  '+/8',
  'Zm9é',
  'Zg\0',
  '====',
]

test.each(refused)('[W3] %j is not base64url', (text) => {
  expect(decodeBase64Url(text)).toBeUndefined()
})
