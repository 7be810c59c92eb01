/** Inputs that the targets of `@conclave/e2ee/exchange` share. */
import { importExchangeKeys } from '@conclave/e2ee/exchange'
import { hostileBytes, hostileValue } from '../hostile.ts'
import { mutateBytes } from '../mutate.ts'
import type { Random } from '../random.ts'
import { toHex } from '../target.ts'

/** The time of all targets, and the end of everything that they make. */
export const NOW = 1_700_000_000_000
export const expiresAt: number = NOW + 60_000
export const keysOf = (fill: number) => importExchangeKeys(new Uint8Array(32).fill(fill))

/** A storage of one page, with a record or without. */
export function holdRecord(held?: Uint8Array) {
  let record = held
  return {
    record: () => record,
    read: async () => record && { bytes: record, version: '1' },
    write: async (bytes: Uint8Array) => {
      record = new Uint8Array(bytes)
      return '1'
    },
  }
}

/** Bytes of a carrier: good ones, damaged ones, and other values. */
export function makeBytes(random: Random, valid: readonly Uint8Array[]): unknown {
  if (random.oneIn(12)) return random.pick(valid)
  if (random.oneIn(10)) return hostileBytes(random, random.pick(valid))
  return random.oneIn(12) ? hostileValue(random) : mutateBytes(random, valid)
}

/** Whether an input has these bytes, whatever its kind of memory. */
export function isBytesOf(input: unknown, bytes: Uint8Array): boolean {
  try {
    // A number would be a length.
    return ArrayBuffer.isView(input) && toHex(new Uint8Array(input as Uint8Array)) === toHex(bytes)
  } catch {
    return false
  }
}

/** Whether a text is this one as a person may type it. spec E5 */
export function isTyped(text: string, qr: string | undefined): boolean {
  const tidy = text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\u002D\u00AD\u200B\u2010-\u2015\u2212]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return tidy === qr
}
