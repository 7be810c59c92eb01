/** Supplemental information in frames of H.264. */
import { concatBytes } from '@conclave/base'

/** A unit with a text, as `user_data_unregistered`. */
export const SUPPLEMENT = concatBytes(
  [6, 5, 16 + 12],
  new Uint8Array(16).fill(0x42),
  new TextEncoder().encode('for bob only'),
  [0x80],
)

/** A frame with this unit before its first slice. */
export function withSupplement(frame: Uint8Array, unit: Uint8Array): Uint8Array<ArrayBuffer> {
  const at = unitStarts(frame).find((start) => [1, 5].includes((frame[start] ?? 0) & 31))
  if (at === undefined) throw new Error('expected a slice')
  return concatBytes(frame.subarray(0, at), unit, [0, 0, 0, 1], frame.subarray(at))
}

/** The types of the units of a frame. */
export function unitTypes(frame: Uint8Array): readonly number[] {
  return unitStarts(frame).map((start) => (frame[start] ?? 0) & 31)
}

/** Where units begin, behind their start codes. */
const unitStarts = (frame: Uint8Array): readonly number[] => {
  const starts: number[] = []
  for (let at = 2; at + 1 < frame.length; at += 1) {
    if (frame[at] === 1 && frame[at - 1] === 0 && frame[at - 2] === 0) starts.push(at + 1)
  }
  return starts
}
