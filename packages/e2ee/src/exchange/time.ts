import { describeType, uintToBytes } from '@conclave/base'
/** The latest time that can be named: milliseconds since 1970. */
const MAX_TIME: number = Number.MAX_SAFE_INTEGER

/**
 * A time in milliseconds since 1970, as `Date.now()` gives it.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function checkTime(name: string, value: unknown): number {
  if (typeof value !== 'number') {
    throw new TypeError(`"${name}" expected number, got ${describeType(value)}`)
  }
  if (Number.isInteger(value) && value >= 0 && value <= MAX_TIME) return value
  throw new RangeError(`"${name}" expected whole milliseconds since 1970, got ${value}`)
}

/** A time as u64. */
export function timeToBytes(time: number): Uint8Array<ArrayBuffer> {
  return uintToBytes(time, 8)
}

/** Decodes the time at an offset. Returns `undefined`, not throws, for one that is too late to be named. */
export function decodeTime(bytes: Uint8Array, at: number): number | undefined {
  const time = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(at)
  return time > BigInt(MAX_TIME) ? undefined : Number(time)
}
