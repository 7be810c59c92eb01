/**
 * The answer of a member to somebody in the lobby: who is in the room. spec R66
 *
 * @module
 */
import { type Shape, hasShape, isIntegerUpTo } from '@conclave/base'
import { MAX_NAME_LENGTH, decodeJson, encodeBody } from '../messages/bodies.ts'

/** The people in a room, as one member says. */
export interface Inside {
  /** The names of some of them, at most 16. */
  readonly names: readonly string[]
  /** How many they are. */
  readonly count: number
}

/** The bytes of an answer that names the first 16. */
export function encodeInside(names: readonly string[]): Uint8Array<ArrayBuffer> {
  return encodeBody({ names: names.slice(0, MAX_NAMES), count: names.length })
}

/** An answer, or `undefined` when it is none. Never throws. */
export function decodeInside(bytes: Uint8Array): Inside | undefined {
  const value = decodeJson(bytes)
  return hasShape<Inside>(value, INSIDE) && value.count >= value.names.length ? value : undefined
}

const INSIDE: Shape<Inside> = {
  names: (value) =>
    Array.isArray(value) &&
    value.length <= MAX_NAMES &&
    value.every((name) => typeof name === 'string' && name.length <= MAX_NAME_LENGTH),
  count: (value) => isIntegerUpTo(2 ** 16, value) && Number(value) > 0,
}
const MAX_NAMES = 16
