/**
 * The text that describes a sender's current key in signalling. spec M17
 *
 * @module
 */
import type { MediaSuiteId } from '../sframe/suite.ts'

/** Describes a key for receivers, in authenticated signalling. */
export function encodeKeyDescription(kid: bigint, suite: MediaSuiteId): string {
  return `sframe/${suite}/${kid.toString(16).padStart(14, '0')}`
}

/** The KID in a description; `undefined`, not throws, for anything else or another suite. */
export function decodeKeyDescription(text: unknown, suite: MediaSuiteId): bigint | undefined {
  if (typeof text !== 'string') return undefined
  const match = /^sframe\/([45])\/([0-9a-f]{14})$/.exec(text)
  return match && match[1] === String(suite) ? BigInt(`0x${match[2]}`) : undefined
}
