import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeChat,
  decodeHello,
  decodeInfo,
  decodeJson,
  encodeBody,
} from '../../src/messages/bodies.ts'

const decoders = [decodeChat, decodeHello, decodeInfo]

test('[R7] no bytes make a decoder throw, and random ones are never a body', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      for (const decode of decoders) expect(decode(bytes)).toBeUndefined()
    }),
    { seed: 1 },
  )
})

test('[R7] no JSON value makes a decoder throw', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const bytes = new TextEncoder().encode(JSON.stringify(value))
      for (const decode of decoders) expect(() => decode(bytes)).not.toThrow()
    }),
    { seed: 2 },
  )
})

test('[R7] deep nesting and prototype tricks are not a body', () => {
  const deep = new TextEncoder().encode('['.repeat(60_000))
  const trick = new TextEncoder().encode('{"__proto__":{"text":"x"},"text":"x","at":1}')
  expect(decodeJson(deep)).toBeUndefined()
  for (const decode of decoders) expect(decode(trick)).toBeUndefined()
  expect(({} as { text?: string }).text).toBeUndefined()
})

test('[R16] a text of 4,000 units is a chat message, a longer or an empty one is not', () => {
  const at = 1
  expect(decodeChat(encodeBody({ text: 'x'.repeat(4000), at }))).toBeDefined()
  expect(decodeChat(encodeBody({ text: 'x'.repeat(4001), at }))).toBeUndefined()
  expect(decodeChat(encodeBody({ text: '', at }))).toBeUndefined()
})

test('[R112] a source is on, off or has ended, and nothing else', () => {
  const decoded = (camera: unknown) =>
    decodeInfo(encodeBody({ name: 'Bob', published: { camera } }))
  for (const state of [true, false, 'ended']) {
    expect(decoded(state)).toEqual({ name: 'Bob', published: { camera: state } })
  }
  for (const state of ['live', '', null, 1, ['ended']]) expect(decoded(state)).toBeUndefined()
})
