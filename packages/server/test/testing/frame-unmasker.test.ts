import { expect, test } from 'vitest'
import { FrameUnmasker } from '../../src/testing/frame-unmasker.ts'
import { bytes } from '../support.ts'

test('masks are taken off whatever the pieces are', () => {
  const mask = [1, 2, 3, 4]
  const masked = (text: string): number[] =>
    [...bytes(text)].map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  const long = 'x'.repeat(300)
  const stream = [
    ...[0x81, 0x85, ...mask, ...masked('hello')],
    ...[0x89, 0x80, ...mask],
    ...[0x82, 0xfe, 1, 44, ...mask, ...masked(long)],
    ...[0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 3, ...mask, ...masked('end')],
  ]
  for (const size of [1, 2, 3, 7, stream.length]) {
    const unmasker = new FrameUnmasker()
    let text = ''
    for (let at = 0; at < stream.length; at += size) {
      text += new TextDecoder().decode(unmasker.push(Uint8Array.from(stream.slice(at, at + size))))
    }
    expect(text).toBe(`hello${long}end`)
  }
})
