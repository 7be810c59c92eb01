/**
 * Values that no transport carries but a program may be handed: what JSON says, and all the tricks of the
 * language.
 *
 * @module
 */
import { types } from 'node:util'
import { deepJson, randomJson, randomNumber, randomText } from './mutate.ts'
import type { Random } from './random.ts'

/** Any value of the language. Getters and traps throw {@link TrapError}. */
export function hostileValue(random: Random, depth = 3): unknown {
  switch (random.below(12)) {
    case 0:
      return random.pick(PRIMITIVES)
    case 1:
      return randomNumber(random)
    case 2:
      return randomText(random, 64)
    case 3:
      return random.oneIn(20) ? random.pick(BIG) : Symbol.iterator
    case 4:
      return parse(randomJson(random))
    case 5:
      return random.oneIn(100) ? parse(deepJson(random)) : parse('{"__proto__":{"v":2}}')
    case 6:
      return hostileBytes(random, random.bytes(random.length(64)))
    case 7:
      return hostileArray(random, depth)
    case 8:
      return trapped(random, depth)
    case 9:
      return random.pick(OBJECTS)()
    default: {
      const value: Record<string, unknown> = {}
      for (let left = random.below(6); left > 0; left -= 1) {
        define(value, randomText(random, 8), depth === 0 ? null : hostileValue(random, depth - 1))
      }
      return value
    }
  }
}

/** An object that was right, changed in one or two ways that JSON can or cannot say. */
export function hostileCopy(random: Random, valid: object): unknown {
  const original = valid as { readonly [name: string]: unknown }
  let value: object = { ...valid }
  const names = Object.keys(valid)
  for (let left = 1 + random.below(2); left > 0; left -= 1) {
    const name = random.oneIn(6) ? random.pick(INHERITED) : random.pick(names)
    switch (random.below(12)) {
      case 0:
      case 1:
      case 2:
        define(value, name, hostileValue(random, 2))
        break
      case 3:
        Reflect.deleteProperty(value, name)
        break
      case 4:
        Object.defineProperty(value, name, {
          get: () => {
            throw new TrapError()
          },
          enumerable: true,
          configurable: true,
        })
        break
      case 5: {
        // Another answer each time.
        const answers = [original[name], hostileValue(random, 1)]
        let asked = 0
        Object.defineProperty(value, name, {
          get: () => answers[asked++ % 2],
          enumerable: true,
          configurable: true,
        })
        break
      }
      case 6:
        // As if it were there: inherited, not own.
        value = Object.create(value) as object
        break
      case 7:
        value = Object.create(null, Object.getOwnPropertyDescriptors(value)) as object
        break
      case 8:
        define(value, Symbol.toStringTag, 'Uint8Array')
        break
      case 9:
        return trap(random, value)
      case 10:
        Object.defineProperty(value, name, {
          value: original[name],
          enumerable: false,
          configurable: true,
        })
        break
      default:
        define(value, name, random.oneIn(2) ? randomNumber(random) : randomText(random, 32))
    }
  }
  return random.oneIn(8) ? Object.freeze(value) : value
}

/** Any value that can be looked at: what a platform's own objects hand over. */
export function oddValue(random: Random): unknown {
  for (;;) {
    const odd = hostileValue(random, 1)
    if (typeof odd !== 'object' || odd === null) return odd
    if (types.isUint8Array(odd) ? !hasTraps(odd) && odd.byteLength > 0 : !hasTraps(odd)) return odd
  }
}

/** The same bytes over other memory or in another dress, as long as they can be looked at. */
export function oddBytes(random: Random, bytes: Uint8Array): unknown {
  for (;;) {
    const odd = hostileBytes(random, bytes)
    if (!types.isUint8Array(odd) || (!hasTraps(odd) && odd.byteLength > 0)) return odd
  }
}

/** As {@link oddBytes}, and bytes that throw, lie, or are gone. */
export function hostileBytes(random: Random, bytes: Uint8Array): unknown {
  switch (random.below(10)) {
    case 0: {
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
      shared.set(bytes)
      return shared
    }
    case 1: {
      const detached = Uint8Array.from(bytes)
      structuredClone(detached.buffer, { transfer: [detached.buffer] })
      return detached
    }
    case 2: {
      const resized = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength: bytes.length }))
      resized.set(bytes)
      if (random.oneIn(2)) resized.buffer.resize(random.below(bytes.length + 1))
      return resized
    }
    case 3: {
      // Out of bounds by a resize behind its back.
      const buffer = new ArrayBuffer(bytes.length + 8, { maxByteLength: bytes.length + 8 })
      const view = new Uint8Array(buffer, 8, bytes.length)
      view.set(bytes)
      if (random.oneIn(2)) buffer.resize(4)
      return view
    }
    case 4:
      return random.pick<object>([
        new DataView(new ArrayBuffer(bytes.length)),
        new Uint16Array(bytes),
        new Uint8ClampedArray(bytes),
        new Float64Array(bytes),
        new BigInt64Array(bytes.length),
        new Uint8Array(bytes).buffer,
      ])
    case 5:
      return Buffer.from(bytes)
    case 6: {
      const lying = new LyingBytes(new ArrayBuffer(bytes.length))
      lying.set(bytes)
      return lying
    }
    case 7:
      return Object.defineProperty(new Uint8Array(bytes), random.pick(OVERRIDDEN), {
        get: () => {
          throw new TrapError()
        },
      })
    case 8:
      return Array.from(bytes)
    default: {
      // A window on more.
      const around = new Uint8Array(bytes.length + 32)
      around.set(bytes, 16)
      return around.subarray(16, 16 + bytes.length)
    }
  }
}

/** Whether looking at it twice need not show the same. */
export function hasTraps(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || types.isProxy(input)) return true
  if (types.isUint8Array(input)) {
    const prototype: unknown = Object.getPrototypeOf(input)
    const isPlain = prototype === Uint8Array.prototype || prototype === Buffer.prototype
    return !isPlain || OVERRIDDEN.some((name) => Object.hasOwn(input, name))
  }
  const all = Object.values(Object.getOwnPropertyDescriptors(input))
  if (all.some(({ get, value }) => get !== undefined || types.isProxy(value))) return true
  const prototype: unknown = Object.getPrototypeOf(input)
  return prototype !== null && prototype !== Object.prototype && hasTraps(prototype)
}

/** Thrown by getters and traps: the value itself is to blame, and nobody else. */
class TrapError extends Error {
  override readonly name = 'TrapError'

  constructor() {
    super('thrown by the input itself')
  }
}

function hostileArray(random: Random, depth: number): unknown {
  switch (random.below(5)) {
    case 0:
      return Array.from({ length: 3 })
    case 1: {
      const sparse: unknown[] = []
      sparse[random.oneIn(2) ? 2 ** 32 - 2 : 5] = 1
      return sparse
    }
    case 2: {
      const cycle: unknown[] = []
      cycle.push(cycle)
      return cycle
    }
    case 3:
      return Object.assign([1, 2], { v: 2, length: 1 })
    default:
      return depth === 0 ? [] : [hostileValue(random, depth - 1), hostileValue(random, depth - 1)]
  }
}

function trapped(random: Random, depth: number): unknown {
  const target = depth === 0 ? {} : hostileValue(random, depth - 1)
  const isSmall = typeof target === 'object' && target !== null && !BIG.includes(target)
  return trap(random, isSmall ? target : {})
}

/** A proxy with one trap that throws, or a revoked one. */
function trap(random: Random, target: object): unknown {
  if (random.oneIn(8)) {
    const { proxy, revoke } = Proxy.revocable(target, {})
    revoke()
    return proxy
  }
  const fail = (): never => {
    throw new TrapError()
  }
  return new Proxy(target, { [random.pick(TRAPS)]: fail })
}

/** `__proto__` as an own property, not as an assignment to the prototype. */
function define(object: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

class LyingBytes extends Uint8Array<ArrayBuffer> {
  override get length(): number {
    return 2 ** 40
  }

  override subarray(): Uint8Array<ArrayBuffer> {
    throw new TrapError()
  }
}

const PRIMITIVES: readonly unknown[] = [
  ...[undefined, null, true, false, Number.NaN, Infinity, -Infinity, -0, '', 'chat', '2', 2, 10n],
  ...[2n ** 64n, Symbol('v'), Object(2), Object('chat'), Object(Symbol('s')), Object(1n)],
]
const OBJECTS: readonly (() => unknown)[] = [
  ...[() => ({}), () => Object.create(null) as unknown, () => () => {}, () => new Map([['v', 2]])],
  ...[() => new Date(Number.NaN), () => /x/g, () => new Error('x'), () => Promise.resolve({})],
  ...[() => new (class Envelope {})(), () => ({ toJSON: () => ({ v: 2 }) }), () => Math],
  () => ({
    toString() {
      throw new TrapError()
    },
  }),
  // An `await` would call it.
  () => ({
    // oxlint-disable-next-line unicorn/no-thenable -- an object that pretends to be a promise is the attack
    then() {
      throw new TrapError()
    },
  }),
  () => {
    const cycle: Record<string, unknown> = { v: 2 }
    cycle['self'] = cycle
    return Object.freeze(cycle)
  },
]
const BIG: readonly unknown[] = [
  'A'.repeat(2 ** 21),
  '\ud800'.repeat(2 ** 16),
  Array.from({ length: 2 ** 16 }, () => 0),
  new Uint8Array(2 ** 21),
]
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'then', 'length', 'toJSON']
const OVERRIDDEN = ['length', 'subarray', 'buffer', 'byteOffset', 'constructor', 'slice'] as const
const TRAPS = [
  ...(['get', 'has', 'ownKeys', 'getOwnPropertyDescriptor', 'getPrototypeOf'] as const),
]
