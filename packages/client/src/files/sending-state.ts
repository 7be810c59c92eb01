/**
 * The sender's side of a transfer as a state, without content, keys or time. spec R194 to R196
 *
 * @module
 */
import { WINDOW_PARTS } from './transfer-bounds.ts'
import type { Wish } from './file-frame.ts'

/** How far a sender is. */
export interface SendingState {
  /** Chunks of the content; the part behind them is the digest. */
  readonly chunks: number
  /** The run that the receiver asked for; 0 before it asked. */
  readonly run: number
  /** The number of the newest wish; -1 before the first. */
  readonly wish: number
  /** Chunks that the receiver has. */
  readonly confirmed: number
  /** The next part to be sent in this run. */
  readonly next: number
  /** The part behind the highest one that was sent in any run. */
  readonly highest: number
  /** The part before which the sender stops. */
  readonly limit: number
}

/** A wish that authenticated. */
export interface NumberedWish extends Wish {
  readonly run: number
  readonly number: number
}

/** The effect of a wish. */
export type WishOutcome =
  | { readonly type: 'old' }
  /** No honest receiver asks for this. */
  | { readonly type: 'misbehaved' }
  | { readonly type: 'taken'; readonly state: SendingState; readonly isNewRun: boolean }

/** A sender that nobody asked for anything. */
export function beginSending(chunks: number): SendingState {
  return { chunks, run: 0, wish: -1, confirmed: 0, next: 0, highest: 0, limit: 0 }
}

/** Takes a wish. A new run goes on at the chunk that the receiver lacks, which is never one that it confirmed before. */
export function takeWish(state: SendingState, wish: NumberedWish): WishOutcome {
  const { run, number, next, limit } = wish
  if (number <= state.wish || run < state.run) return { type: 'old' }
  const isPlace = next >= state.confirmed && next <= Math.min(state.highest, state.chunks)
  const isLimit = limit >= next && limit <= Math.min(next + WINDOW_PARTS, state.chunks + 1)
  if (!isPlace || !isLimit || run === 0) return { type: 'misbehaved' }
  const isNewRun = run > state.run
  // Parts of an earlier run may have come after it asked.
  const from = isNewRun ? next : Math.max(state.next, next)
  const taken = { ...state, run, wish: number, confirmed: next, next: from, limit }
  return { type: 'taken', state: taken, isNewRun }
}

/** The part that may be sent now; `undefined`: the receiver has to ask. */
export function partToSend({ run, next, limit }: SendingState): number | undefined {
  return run > 0 && next < limit ? next : undefined
}

/** The state after a part was taken to be sealed: it is never sealed again in this run. */
export function partTaken(state: SendingState): SendingState {
  const next = state.next + 1
  return { ...state, next, highest: Math.max(state.highest, next) }
}

/** Whether everything was sent, the digest too: the receiver may have the file. */
export function isAllSent({ highest, chunks }: SendingState): boolean {
  return highest > chunks
}
