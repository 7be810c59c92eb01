import { expect, test } from 'vitest'
import {
  decodeEventFrame,
  encodeEventFrame,
  encodeTextFrame,
} from '../../src/framed/event-frame.ts'

const refuse = (): never => {
  throw new Error('looked at')
}

test('[T41] frames of either encoding are decoded unchanged', () => {
  const text = encodeTextFrame({ name: 'm\u00e9', envelope: { a: 1 } })
  expect(decodeEventFrame(text, 100)).toEqual({ name: 'm\u00e9', envelope: { a: 1 } })
  const bytes = encodeEventFrame('m\u00e9', Uint8Array.of(7, 8))
  for (const data of [bytes, bytes.buffer]) {
    expect(decodeEventFrame(data, 100)).toEqual({ name: 'm\u00e9', envelope: Uint8Array.of(7, 8) })
  }
})

test('[T13] data that throws when it is read, was transferred or is too long is no frame', () => {
  const bytes = encodeEventFrame('message', new Uint8Array(8))
  const gone = bytes.slice()
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  const proxies = [{}, []].map((target) => new Proxy(target, { get: refuse }))
  for (const data of [gone, gone.buffer, ...proxies]) {
    expect(decodeEventFrame(data, 100)).toBeUndefined()
  }
  // Decoding works on a copy: what is put upon the object itself is never looked at.
  for (const name of ['length', 'subarray', Symbol.toStringTag]) {
    const trap = Object.defineProperty(bytes.slice(), name, { get: refuse })
    expect(decodeEventFrame(trap, 100)?.name).toBe('message')
  }
  expect(decodeEventFrame(bytes, bytes.length - 1)).toBeUndefined()
  expect(decodeEventFrame('x'.repeat(101), 100)).toBeUndefined()
})

test('[T43] a frame is decoded from every form in which a socket delivers it', () => {
  const binary = encodeEventFrame('m', Uint8Array.of(7, 8))
  const text = new TextEncoder().encode(encodeTextFrame({ name: 'm', envelope: { a: 1 } }))
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  for (const [bytes, envelope] of [
    [binary, Uint8Array.of(7, 8)],
    [text, { a: 1 }],
  ] as const) {
    const shared = new Uint8Array(buffer, 8, bytes.length)
    shared.set(bytes)
    const padded = Uint8Array.of(9, ...bytes, 9).subarray(1, -1)
    const forms = [
      ...[bytes, bytes.buffer, padded, shared, new DataView(bytes.buffer)],
      ...[[bytes], [bytes.subarray(0, 2), bytes.slice(2).buffer], [padded, new Uint8Array()]],
    ]
    for (const form of forms) expect(decodeEventFrame(form, 100)).toEqual({ name: 'm', envelope })
    const tooLong = [[bytes, new Uint8Array(100)], [bytes, 'text'], [], [undefined]]
    for (const form of tooLong) expect(decodeEventFrame(form, 100)).toBeUndefined()
  }
})
