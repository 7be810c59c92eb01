import { ReplayWindow } from '@conclave/base'
import { REPLAY_WINDOW } from '../core/replay-window.ts'

/** Length of a saved window in bytes. spec P41 */
export const SAVED_WINDOW_BYTES: number = 16 + REPLAY_WINDOW / 8

/** Writes {@link SAVED_WINDOW_BYTES} bytes, from which {@link decodeWindow} makes the window again. spec P41 */
export function writeWindow(window: ReplayWindow, view: DataView, at: number): void {
  const { highest, floor, seen } = window.state
  // Sequences end at 2^53 - 1, so one more still is an exact number.
  view.setBigUint64(at, BigInt(highest + 1))
  view.setBigUint64(at + 8, BigInt(floor))
  for (const [index, word] of seen.entries()) view.setUint32(at + 16 + index * 4, word)
}

/** Decodes a saved window. Returns `undefined`, not throws, for other bytes. spec P41 */
export function decodeWindow(view: DataView, at: number): ReplayWindow | undefined {
  if (at + SAVED_WINDOW_BYTES > view.byteLength) return undefined
  const [next, floor] = [view.getBigUint64(at), view.getBigUint64(at + 8)]
  if (next > MAX_BOUND || floor > MAX_BOUND) return undefined
  const seen = new Uint32Array(REPLAY_WINDOW / 32)
  for (const index of seen.keys()) seen[index] = view.getUint32(at + 16 + index * 4)
  return new ReplayWindow(REPLAY_WINDOW, {
    highest: Number(next) - 1,
    floor: Number(floor),
    seen,
  })
}

/** Accepts in `window` all that another one of its size did, and takes the higher floor of both. spec P41 */
export function mergeWindow(window: ReplayWindow, other: ReplayWindow): void {
  const { highest, floor } = other.state
  // No sequence below the floor is fresh, whether it was accepted or not, so the floor is enough.
  const oldest = Math.max(floor, highest - other.size + 1)
  for (let sequence = oldest; sequence <= highest; sequence += 1) {
    if (!other.isFresh(sequence)) window.accept(sequence)
  }
  window.raiseFloor(floor)
}

const MAX_BOUND = 2n ** 53n
