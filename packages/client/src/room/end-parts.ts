import { type Clock, within } from '@conclave/base'

/**
 * Ends the parts of a session one after the other: one that does not end well, or not within 2 s, does not keep the others.
 * Never rejects. spec R33, R158
 *
 * @param failed hears of each part that did not end well
 */
export async function endParts(
  ends: readonly (() => unknown)[],
  clock: Clock,
  failed: (error: unknown) => void,
): Promise<void> {
  const late = (): never => {
    throw new Error('a part did not end in time')
  }
  for (const end of ends) {
    const ending = new Promise((resolve) => resolve(end()))
    await within(ending, { clock, ms: ENDING_MS, late }).catch(failed)
  }
}

/** How long a part has to end. */
const ENDING_MS = 2000
