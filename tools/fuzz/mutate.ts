/**
 * Bytes and text that are nearly right: valid ones, damaged as carriers and attackers damage them.
 *
 * @module
 */
import type { Random } from './random.ts'

/** Bytes made from valid ones, or out of nothing. */
export function mutateBytes(
  random: Random,
  valid: readonly Uint8Array[],
  maxLength = 512,
): Uint8Array<ArrayBuffer> {
  if (valid.length === 0 || random.oneIn(8)) return random.bytes(random.length(maxLength))
  let bytes = new Uint8Array(random.pick(valid))
  // Most with one change, which gets deepest into a decoder.
  for (let left = 1 + random.length(3); left > 0; left -= 1) {
    bytes = changeBytes(random, bytes, { valid, maxLength })
  }
  return bytes
}

/** Text made from valid text, or out of nothing. */
export function mutateText(random: Random, valid: readonly string[], maxLength = 256): string {
  if (valid.length === 0 || random.oneIn(8)) return randomText(random, maxLength)
  let text = random.pick(valid)
  for (let left = 1 + random.length(3); left > 0; left -= 1) {
    text = changeText(random, text, { valid, maxLength })
  }
  return text
}

/** Text of any characters: of this alphabet or that, with halves of surrogate pairs and what looks alike. */
export function randomText(random: Random, maxLength: number): string {
  const length = random.length(maxLength)
  const kind = random.below(5)
  let text = ''
  while (text.length < length) {
    if (kind === 0) text += BASE64URL.charAt(random.below(64))
    else if (kind === 1) text += String.fromCharCode(0x20 + random.below(0x5f))
    else if (kind === 2) text += random.pick(ODD_TEXT)
    else if (kind === 3) text += String.fromCharCode(random.below(0x1_0000))
    else text += String.fromCodePoint(random.below(0x11_0000))
  }
  return text
}

/** JSON text, well-formed or nearly. */
export function randomJson(random: Random, depth = 4): string {
  const kind = random.below(depth === 0 ? 5 : 9)
  if (kind === 0) return random.pick(LITERALS)
  if (kind === 1) return String(randomNumber(random))
  if (kind <= 4) return JSON.stringify(randomText(random, 24))
  if (kind === 5 && random.oneIn(500)) return deepJson(random)
  const items = Array.from({ length: random.below(5) }, () => randomJson(random, depth - 1))
  if (kind <= 6) return `[${items.join(',')}]`
  const named = items.map((item) => `${JSON.stringify(random.pick(NAMES))}:${item}`)
  return `{${named.join(',')}}`
}

/** JSON that nests 20,000 levels. */
export function deepJson(random: Random): string {
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"__proto__":', '}]'],
  ] as const)
  return `${open.repeat(DEPTH)}0${random.oneIn(4) ? '' : close.repeat(DEPTH)}`
}

/** A number at an edge, or any. */
export function randomNumber(random: Random): number {
  if (random.oneIn(3)) return random.uint32() - 2 ** 31
  return random.pick(NUMBERS)
}

interface Corpus<T> {
  readonly valid: readonly T[]
  readonly maxLength: number
}

function changeBytes(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
  { valid, maxLength }: Corpus<Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length + 1)
  const head = random.below(Math.min(bytes.length, HEAD_BYTES))
  switch (random.below(10)) {
    case 0:
    case 1:
      return flipBit(bytes, random.oneIn(2) ? at : head, random.below(8))
    case 2:
      bytes[random.oneIn(2) ? at : head] = random.pick(BYTES)
      return bytes
    case 3:
      return bytes.slice(0, at)
    case 4:
      return bytes.slice(at)
    case 5:
      return join(bytes, random.bytes(1 + random.length(maxLength)))
    case 6: {
      const other = random.pick(valid)
      return join(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)))
    }
    case 7: {
      // A part from where it belongs in another valid input.
      const other = random.pick(valid)
      const length = random.length(64)
      bytes.set(other.subarray(at, Math.min(at + length, bytes.length)), Math.min(at, bytes.length))
      return bytes
    }
    case 8:
      return join(bytes.subarray(0, at), random.bytes(1 + random.below(8)), bytes.subarray(at))
    default:
      return writeLength(random, bytes)
  }
}

function flipBit(bytes: Uint8Array<ArrayBuffer>, at: number, bit: number): Uint8Array<ArrayBuffer> {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes
}

/** A field of 2, 4 or 8 bytes at an edge of what it can say, or near to what is really there. */
function writeLength(random: Random, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const size = random.pick([1, 2, 4, 8])
  if (bytes.length < size) return bytes
  const at = random.below(Math.min(bytes.length, random.oneIn(2) ? HEAD_BYTES : 1e9) - size + 1)
  const near = BigInt(Math.max(0, bytes.length - at + random.below(33) - 16))
  let value = random.oneIn(2) ? near : random.pick(WORDS)
  for (let index = size - 1; index >= 0; index -= 1) {
    bytes[at + index] = Number(value & 255n)
    value >>= 8n
  }
  return bytes
}

function changeText(random: Random, text: string, { valid, maxLength }: Corpus<string>): string {
  const at = random.below(text.length + 1)
  const end = Math.min(text.length, at + 1 + random.length(8))
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(at)
    case 2:
      return text.slice(0, at) + text.slice(end)
    case 3:
      return text.slice(0, at) + randomText(random, 8) + text.slice(end)
    case 4: {
      const other = random.pick(valid)
      return text.slice(0, at) + other.slice(random.below(other.length + 1))
    }
    case 5:
      return text.slice(0, at) + random.pick(ODD_TEXT) + text.slice(at)
    case 6:
      return text + randomText(random, maxLength)
    default:
      return text.slice(0, at) + BASE64URL.charAt(random.below(64)) + text.slice(at + 1)
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const LITERALS = ['null', 'true', 'false', 'NaN', '-0', '1e999', '""', '{}', '[]', '']
/** Names that objects inherit, or that decoders look for. */
const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toJSON', 'then', 'length', 'toString', ''],
  ...['v', 'kind', 'type', 'flags', 'keyId', 'sender', 'sealed', 'id', 'version', 'epoch', 'a'],
]
const ODD_TEXT = [
  ...['\ud800', '\udfff', '\ud83d', '\u0000', '\ufeff', '\u202e', 'e\u0301', '\u00e9', '\u{1f511}'],
  ...['=', '==', '+', '/', '-', '_', ' ', '\t', '\n', '%00', '__proto__', '\uff10', '\u2028', 'ß'],
  ...['\u200b', '\u00ad', '\u212a', 'ﬃ', '\ufffd', '"', '\\', '\u0130'],
]
const NUMBERS = [
  ...[0, -0, 1, -1, 2, 0.5, 63, 64, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31],
  ...[2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 64, 1e21, 1e308, -(2 ** 53), 1e-7],
]
const BYTES = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 64, 127, 128, 129, 191, 192, 193, 254, 255]
const WORDS = [
  ...[0n, 1n, 0x7fn, 0x80n, 0xffn, 0x100n, 0x7fffn, 0xffffn, 0x10000n, 0x7fffffffn, 0x80000000n],
  ...[0xffffffffn, 0x100000000n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n],
]
/** Where the fields are that say how the rest is read. */
const HEAD_BYTES = 64
const DEPTH = 20_000
