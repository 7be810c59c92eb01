/**
 * The receiver's side of a transfer as a state, without content, keys or time. spec R194 to R197
 *
 * @module
 */
import { WINDOW_PARTS } from './transfer-bounds.ts'
import type { NumberedWish } from './sending-state.ts'

/** How far a receiver is. */
export interface ReceivingState {
  /** Chunks of the content; the part behind them is the digest. */
  readonly chunks: number
  /** The run that it asked for; 0 before it asked. */
  readonly run: number
  /** How many wishes it made. */
  readonly wishes: number
  /** The part that comes next. */
  readonly next: number
  /** Chunks that its storage has taken. */
  readonly written: number
  /** The part before which the sender stops, by the last wish. */
  readonly limit: number
}

/** A receiver that asked for nothing. */
export function beginReceiving(chunks: number): ReceivingState {
  return { chunks, run: 0, wishes: 0, next: 0, written: 0, limit: 0 }
}

/**
 * A part by its place: the `next` one; `ahead`: parts before it are missing; or `other`: it came before, is of a run that nobody
 * asked for, or is beyond the limit. spec R197
 */
export function placePart(
  state: ReceivingState,
  { run, index }: { readonly run: number; readonly index: number },
): 'next' | 'ahead' | 'other' {
  if (run > state.run || run === 0 || index < state.next || index >= state.limit) return 'other'
  if (index === state.next) return 'next'
  return run === state.run ? 'ahead' : 'other'
}

/** Asks the sender to go on, in a new run or in this one. spec R194 */
export function makeWish(
  state: ReceivingState,
  { isNewRun }: { readonly isNewRun: boolean },
): { readonly state: ReceivingState; readonly wish: NumberedWish } {
  const run = state.run + (isNewRun || state.run === 0 ? 1 : 0)
  const next = Math.min(state.next, state.chunks)
  const limit = Math.min(state.written + WINDOW_PARTS, state.chunks + 1)
  const wish = { run, number: state.wishes, next, limit }
  const wishes = state.wishes + 1
  return { wish, state: { ...state, run, wishes, limit } }
}

/** Whether so much was stored since the last wish that the sender should hear of it. */
export function isWishDue({ chunks, written, limit }: ReceivingState): boolean {
  const possible = Math.min(written + WINDOW_PARTS, chunks + 1)
  return possible > limit && (possible > chunks || possible - limit >= WINDOW_PARTS / 4)
}

/** Whether the sender may send something that has not come. */
export function isExpecting({ next, limit, chunks }: ReceivingState): boolean {
  return next < limit && next <= chunks
}
