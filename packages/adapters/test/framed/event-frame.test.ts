import { expect, test } from 'vitest'
import { decodeFrame, encodeBinaryFrame, encodeTextFrame } from '../../src/framed/event-frame.ts'

const refuse = (): never => {
  throw new Error('looked at')
}

test('[T41] frames of either encoding are decoded unchanged', () => {
  const text = encodeTextFrame({ name: 'm\u00e9', envelope: { a: 1 } })
  expect(decodeFrame(text, 100)).toEqual({ name: 'm\u00e9', envelope: { a: 1 } })
  const bytes = encodeBinaryFrame('m\u00e9', Uint8Array.of(7, 8))
  for (const data of [bytes, bytes.buffer]) {
    expect(decodeFrame(data, 100)).toEqual({ name: 'm\u00e9', envelope: Uint8Array.of(7, 8) })
  }
})

test('[T13] data that throws when it is read, was transferred or is too long is no frame', () => {
  const bytes = encodeBinaryFrame('message', new Uint8Array(8))
  const traps = ['length', Symbol.toStringTag].map((name) =>
    Object.defineProperty(bytes.slice(), name, { get: refuse }),
  )
  const gone = bytes.slice()
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  const proxy = new Proxy({}, { get: refuse })
  for (const data of [...traps, gone, gone.buffer, proxy]) {
    expect(decodeFrame(data, 100)).toBeUndefined()
  }
  // Decoding works on a copy: methods of the object itself are never called.
  const method = Object.defineProperty(bytes.slice(), 'subarray', { get: refuse })
  expect(decodeFrame(method, 100)?.name).toBe('message')
  expect(decodeFrame(bytes, bytes.length - 1)).toBeUndefined()
  expect(decodeFrame('x'.repeat(101), 100)).toBeUndefined()
})
