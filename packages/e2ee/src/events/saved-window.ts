import { ReplayWindow } from '@conclave/base'
import type { ReplayWindowState } from '@conclave/base'
import { REPLAY_WINDOW } from '../core/replay-window.ts'

/** Length of a saved window in bytes. spec P41 */
export const SAVED_WINDOW_BYTES: number = 16 + REPLAY_WINDOW / 8

/** Writes {@link SAVED_WINDOW_BYTES} bytes, from which {@link decodeWindow} makes the window again. spec P41 */
export function writeWindow(window: ReplayWindow, view: DataView, at: number): void {
  const { highest, floor, seen } = window.state
  // Sequences end at 2^53 - 1, so one more still is an exact number.
  view.setBigUint64(at, BigInt(highest + 1))
  view.setBigUint64(at + 8, BigInt(floor))
  const bits = rotate(seen, highest + 1)
  for (let index = 0; index < WORDS; index += 1) {
    view.setUint32(at + 16 + index * 4, Number((bits >> BigInt(index * 32)) & 0xffffffffn))
  }
}

/** Decodes a saved window. Returns `undefined`, not throws, for other bytes. spec P41 */
export function decodeWindow(view: DataView, at: number): ReplayWindow | undefined {
  if (at + SAVED_WINDOW_BYTES > view.byteLength) return undefined
  const [next, floor] = [view.getBigUint64(at), view.getBigUint64(at + 8)]
  if (next > MAX_BOUND || floor > MAX_BOUND) return undefined
  let bits = 0n
  for (let index = WORDS - 1; index >= 0; index -= 1) {
    bits = (bits << 32n) | BigInt(view.getUint32(at + 16 + index * 4))
  }
  return new ReplayWindow(REPLAY_WINDOW, {
    highest: Number(next) - 1,
    floor: Number(floor),
    seen: rotate(bits, -Number(next)),
  })
}

/** Accepts in `window` all that another one of its size did, and takes the higher floor of both. spec P41 */
export function mergeWindow({ state }: ReplayWindow, { state: other }: ReplayWindow): void {
  const highest = Math.max(state.highest, other.highest)
  const seenBy = (of: ReplayWindowState): bigint => of.seen >> BigInt(highest - of.highest)
  state.seen = seenBy(state) | seenBy(other)
  state.highest = highest
  state.floor = Math.max(state.floor, other.floor)
}

/** Revokes an acceptance: the message could not be kept and may be repeated. spec P41 */
export function withdrawFrom({ state, size }: ReplayWindow, sequence: number): void {
  const behind = state.highest - sequence
  if (behind >= 0 && behind < size) state.seen &= ~(1n << BigInt(size - 1 - behind))
}

/** Bits by their place below the highest sequence as bits by sequence modulo the size; with a minus sign the other way. */
function rotate(bits: bigint, by: number): bigint {
  const left = ((by % REPLAY_WINDOW) + REPLAY_WINDOW) % REPLAY_WINDOW
  return (
    BigInt.asUintN(REPLAY_WINDOW, bits << BigInt(left)) | (bits >> BigInt(REPLAY_WINDOW - left))
  )
}

const WORDS = REPLAY_WINDOW / 32
const MAX_BOUND = 2n ** 53n
