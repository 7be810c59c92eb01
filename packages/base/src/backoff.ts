/** How pauses between attempts grow. */
export interface Backoff {
  /** The bound of the first pause. */
  readonly firstMs: number
  /** The bound that no pause exceeds. */
  readonly maxMs: number
}

/**
 * The pause before a repetition, in whole milliseconds, under a bound that doubles from `firstMs` to `maxMs`.
 *
 * @param repetition 0 for the first repetition
 * @param options.random from 0 inclusive to 1 exclusive: full jitter, a random part of the bound. Left out: the bound
 *   itself. Give it wherever many clients repeat for one reason, or they come back at one moment.
 */
export function backoffMs(
  repetition: number,
  { firstMs, maxMs, random = 1 }: Backoff & { readonly random?: number },
): number {
  return Math.round(random * Math.min(maxMs, firstMs * 2 ** Math.min(repetition, MAX_DOUBLINGS)))
}

const MAX_DOUBLINGS = 32
