import {
  decodeEventHeader,
  encryptChatJson,
  generateAesGcmKey,
  Keyring,
  openEvent,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { rootOf } from '../fixtures.ts'
import { formsOf, resizableMemory, sharedMemory } from '../memory.ts'

const key = await generateAesGcmKey()
const ring = new Keyring()
ring.rotate({ keyId: 'k', epoch: 1, key: rootOf(1) })
const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const

/** The value that a receiver gets, or the message of the error that the caller gets. */
async function trip(value: unknown): Promise<unknown> {
  try {
    const opened = await openEvent(await sealEvent(value, key, chat), key, chat)
    return opened.type === 'opened' ? { value: opened.value } : opened.reason
  } catch (error) {
    return (error as Error).message
  }
}

class Secretive {
  readonly #hidden = 1
  get hidden(): number {
    return this.#hidden
  }
}

class Point {
  readonly x = 1
}

describe('values that JSON would empty', () => {
  const sparse: unknown[] = [1]
  sparse[2] = 3
  const emptied: Readonly<Record<string, readonly [value: unknown, name: string]>> = {
    'a Map': [new Map([['a', 1]]), 'Map'],
    'a Set': [new Set([1]), 'Set'],
    'an ArrayBuffer': [new ArrayBuffer(2), 'ArrayBuffer'],
    'a DataView': [new DataView(new ArrayBuffer(2)), 'DataView'],
    floats: [new Float32Array(2), 'Float32Array'],
    pixels: [new Uint8ClampedArray(2), 'Uint8ClampedArray'],
    'a Blob': [new Blob(['abc']), 'Blob'],
    'an Error': [Object.assign(new Error('x'), { code: 1 }), 'Error'],
    'a RegExp': [/x/, 'RegExp'],
    'a promise': [Promise.resolve(), 'Promise'],
    'search parameters': [new URLSearchParams('a=1'), 'URLSearchParams'],
    'private fields': [new Secretive(), 'Object'],
    'an invalid date': [new Date(Number.NaN), 'Date'],
    NaN: [Number.NaN, 'Number'],
    Infinity: [-Infinity, 'Number'],
    'a big integer': [1n, 'BigInt'],
    'a function': [(): void => {}, 'Function'],
    'a symbol': [Symbol('x'), 'Symbol'],
    'a Map from toJSON': [{ toJSON: () => new Map() }, 'Map'],
    'nothing from toJSON': [{ toJSON: () => undefined }, 'Object'],
  }
  for (const [what, [value, name]] of Object.entries(emptied)) {
    test(`[P47] ${what} is refused by name, with its place`, async () => {
      expect(await trip(value)).toBe(`"value" expected JSON, got ${name}`)
      const within = await trip({ list: [{ value }] })
      expect(within).toBe(`"value".list.0.value expected JSON, got ${name}`)
      await expect(encryptChatJson({ value }, key, chat)).rejects.toThrow(TypeError)
    })
  }

  test('[P47] undefined is refused in a list, and left out as a property', async () => {
    expect(await trip([1, undefined])).toBe('"value".1 expected JSON, got Undefined')
    expect(await trip(sparse)).toBe('"value".1 expected JSON, got Undefined')
    expect(await trip({ a: undefined, b: 1 })).toStrictEqual({ value: { b: 1 } })
  })

  test('[P47] bytes within a value are refused, those that have a toJSON too', async () => {
    for (const bytes of [new Uint8Array(1), sharedMemory(rootOf(1)), resizableMemory(rootOf(1))]) {
      expect(await trip({ image: bytes })).toBe('"value".image expected JSON, got Uint8Array')
      const withJson = Object.assign(bytes, { toJSON: () => 'bytes' })
      expect(await trip([withJson])).toBe('"value".0 expected JSON, got Uint8Array')
    }
  })

  test('[P47] dates, classes and bare objects arrive as their JSON says them', async () => {
    const bare: object = Object.assign(Object.create(null) as object, { a: 1 })
    const value = { at: new Date(0), url: new URL('https://a.test/'), point: new Point(), bare }
    expect(await trip(value)).toStrictEqual({
      value: {
        ...{ at: '1970-01-01T00:00:00.000Z', url: 'https://a.test/' },
        ...{ point: { x: 1 }, bare: { a: 1 } },
      },
    })
    expect(await trip({ toJSON: () => null })).toEqual({ value: null })
    const keyed = { a: [{ toJSON: (name: string) => name }], b: { toJSON: (name: string) => name } }
    expect(await trip(keyed)).toEqual({ value: { a: ['0'], b: 'b' } })
  })

  test('[P47] a property and a toJSON are looked at once: their second answer is not sealed', async () => {
    let deep: unknown = 1
    for (let level = 0; level < 100; level += 1) deep = [deep]
    const polluting = ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{}}}']
    for (const late of [deep, ...polluting.map((text): unknown => JSON.parse(text)), new Map()]) {
      const answers = (): (() => unknown) => {
        let calls = 0
        return () => (calls++ === 0 ? 'first' : late)
      }
      const getter = Object.defineProperty({}, 'a', { enumerable: true, get: answers() })
      expect(await trip(getter)).toEqual({ value: { a: 'first' } })
      expect(await trip({ a: { toJSON: answers() } })).toEqual({ value: { a: 'first' } })
      const get = answers()
      expect(await trip(new Proxy({ a: 1 }, { get: (_, name) => name === 'a' && get() }))).toEqual({
        value: { a: 'first' },
      })
      const refused = await trip({ a: { toJSON: () => late } })
      expect(refused).toMatch(/^"value"\.a.* expected JSON/)
    }
  })

  test('[P46, P47] code of the caller that throws is the cause of a TypeError that shows none of it', async () => {
    const cause = new RangeError('a secret')
    const throwing = {
      get a(): never {
        throw cause
      },
    }
    const error: unknown = await sealEvent({ b: [throwing] }, key, chat).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: '"value".b.0 expected JSON', cause })
  })
})

describe('bytes in any memory and form', () => {
  test('[P48] an envelope opens from every form of memory, and is read before the call returns', async () => {
    const sealed = await sealEventBinary({ a: 1 }, ring, { ...chat, sender: 'alice' })
    for (const [form, { value, overwrite }] of Object.entries(formsOf(sealed))) {
      const opening = openEvent(value, ring, { ...chat, replay: 'none' })
      overwrite()
      expect(await opening, form).toMatchObject({ type: 'opened', value: { a: 1 } })
    }
  })

  test('[P48] bytes seal from memory of every kind, and arrive as a copy', async () => {
    const bytes = Uint8Array.of(1, 2, 3)
    const pool = Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4)
    for (const given of [bytes, pool, sharedMemory(bytes), resizableMemory(bytes)]) {
      expect(await trip(given)).toEqual({ value: Uint8Array.of(1, 2, 3) })
    }
  })

  test('[P48] the JSON-safe encoding opens from its text, and from the bytes of its text', async () => {
    const text = JSON.stringify(await sealEvent({ a: 1 }, ring, { ...chat, sender: 'alice' }))
    const pretty = JSON.stringify(JSON.parse(text), null, 2)
    const forms = Object.values(formsOf(new TextEncoder().encode(text))).map(({ value }) => value)
    for (const given of [text, pretty, ` ${text}\n`, ...forms]) {
      expect(await openEvent(given, ring, { ...chat, replay: 'none' })).toMatchObject({
        type: 'opened',
        value: { a: 1 },
      })
      expect(decodeEventHeader(given)).toMatchObject({ keyId: 'k', sender: 'alice' })
    }
  })

  test('[P48] every other form of an envelope is malformed, never a forgery', async () => {
    const json = await sealEvent({ a: 1 }, key, chat)
    const binary = await sealEventBinary({ a: 1 }, key, chat)
    const others = [
      ...[JSON.stringify(JSON.stringify(json)), `[${JSON.stringify(json)}]`, 'null', '', 'text'],
      ...[new TextEncoder().encode('{"v":2'), Uint8Array.of(0x7b, 0xff), new Blob([binary])],
      ...[{ type: 'Buffer', data: [...binary] }, [...binary], Promise.resolve(json)],
      { [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 2 ** 30, length: 2 ** 30 },
    ]
    for (const other of others) {
      expect(await openEvent(other, key, chat)).toEqual({ type: 'dropped', reason: 'malformed' })
    }
  })
})
