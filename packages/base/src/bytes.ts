import { describeType } from './check.ts'

/** Concatenates into a fresh array. */
export function concatBytes(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The bytes after their length as a u16, `lp(x)` of the specification; at most 65 535 bytes. */
export function withLength(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes([bytes.length >> 8, bytes.length & 255], bytes)
}

/** An unsigned integer of 1 to 8 bytes, most significant first. You must check the range before. */
export function uintToBytes(value: number | bigint, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt(value))
  return new Uint8Array(view.buffer).slice(8 - length)
}

/** Whether a value is a `Uint8Array` (a `Buffer` too), of this realm or another. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && (value as Uint8Array)[Symbol.toStringTag] === 'Uint8Array'
}

/**
 * The bytes of memory of any form and realm: an `ArrayBuffer` or `SharedArrayBuffer`, or any view of one. The result is
 * a plain view of the same memory: copy it where others may write, share or resize it. Returns `undefined`, not throws,
 * for anything else, and for memory that was transferred.
 */
export function viewBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  try {
    const isView = ArrayBuffer.isView(value)
    if (!isView && !BUFFERS.test(Object.prototype.toString.call(value))) return undefined
    // An object that only claims to be a buffer throws.
    const { buffer, byteOffset, byteLength } = isView ? value : new DataView(value as ArrayBuffer)
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
  } catch {
    // The memory was transferred, or a getter or a proxy threw.
    return undefined
  }
}

/**
 * Checks an argument and copies it, so that later changes to the caller's array have no effect.
 *
 * @throws TypeError when the value is no `Uint8Array`, was transferred, or is not of this length; never shows its content
 */
export function copyBytes(name: string, value: unknown, length?: number): Uint8Array<ArrayBuffer> {
  const wanted = length === undefined ? 'Uint8Array' : `Uint8Array of length ${length}`
  const bytes = isBytes(value) ? viewBytes(value) : undefined
  if (bytes !== undefined && bytes.length === (length ?? bytes.length)) return bytes.slice()
  const got = bytes ? `length=${bytes.length}` : describeType(value)
  throw new TypeError(`"${name}" expected ${wanted}, got ${got}`)
}

/** Copies untrusted bytes whose length is within the bounds; `undefined`, not throws, for anything else. */
export function decodeBytes(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (!isBytes(value) || value.length < min || value.length > max) return undefined
    const bytes = new Uint8Array(value)
    return bytes.length >= min && bytes.length <= max ? bytes : undefined
  } catch {
    // The memory was transferred, or a getter or a proxy threw.
    return undefined
  }
}

/** Whether both hold the same bytes. For public values only: it stops at the first difference. */
export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** Negative, zero or positive: byte by byte, a prefix before the longer array. */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const shared = Math.min(one.length, other.length)
  for (let at = 0; at < shared; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

const BUFFERS = /ArrayBuffer]$/
