import { SecretBytes } from '@conclave/crypto'
import { expect, test } from 'vitest'

class RoomSecret extends SecretBytes {
  override readonly [Symbol.toStringTag] = 'RoomSecret'
}

test('a secret is copied when it comes in and when it goes out', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const secret = new RoomSecret(bytes, 3)
  bytes.fill(0)
  secret.unsafeExport().fill(0)
  expect(secret.unsafeExport()).toEqual(Uint8Array.of(1, 2, 3))
})

test('text and JSON show the name of the class', () => {
  const secret = new RoomSecret(Uint8Array.of(201, 202), 2)
  expect(String(secret)).toBe('[RoomSecret]')
  expect(JSON.stringify({ secret })).toBe('{"secret":"[RoomSecret]"}')
  expect(Object.values(secret)).toEqual([])
})

test('anything but bytes of the right length is a TypeError', () => {
  for (const bytes of [undefined, 'text', [1, 2], new Uint8Array(1), new Uint8Array(3)]) {
    expect(() => new RoomSecret(bytes as Uint8Array, 2)).toThrow(/"bytes" expected/)
  }
})
