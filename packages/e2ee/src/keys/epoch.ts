import { describeType } from '@conclave/base'

/** The highest epoch: a u64. */
export const MAX_EPOCH: bigint = 2n ** 64n - 1n

/** @throws TypeError, RangeError for anything that is no u64 */
export function checkEpoch(epoch: unknown, name = 'epoch'): asserts epoch is bigint {
  if (typeof epoch !== 'bigint') {
    throw new TypeError(`"${name}" expected bigint, got ${describeType(epoch)}`)
  }
  if (epoch < 0n || epoch > MAX_EPOCH) {
    throw new RangeError(`"${name}" expected 0 to ${MAX_EPOCH}, got ${epoch}`)
  }
}

/**
 * The epoch that an argument says, which may be a number.
 *
 * @throws TypeError, RangeError that name the argument
 */
export function toEpoch(name: string, value: unknown): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`"${name}" expected a safe integer or a bigint, got ${value}`)
  }
  const epoch = typeof value === 'number' ? BigInt(value) : value
  checkEpoch(epoch, name)
  return epoch
}
