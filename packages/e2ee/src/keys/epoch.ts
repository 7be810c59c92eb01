import { describeType } from '@conclave/base'

/** The highest epoch: a u64. */
export const MAX_EPOCH: bigint = 2n ** 64n - 1n

/** @throws TypeError, RangeError for anything that is no u64 */
export function checkEpoch(epoch: unknown): void {
  if (typeof epoch !== 'bigint') {
    throw new TypeError(`"epoch" expected bigint, got type=${typeof epoch}`)
  }
  toEpoch('epoch', epoch)
}

/**
 * The epoch that an argument says, which may be a number.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function toEpoch(name: string, value: unknown): bigint {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) return BigInt(value)
  } else if (typeof value !== 'bigint') {
    throw new TypeError(`"${name}" expected number or bigint, got ${describeType(value)}`)
  } else if (value >= 0n && value <= MAX_EPOCH) return value
  throw new RangeError(`"${name}" expected an integer from 0 to ${MAX_EPOCH}, got ${value}`)
}
