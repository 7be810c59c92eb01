import { type Clock, within } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import { type RoomProblem, problemFrom } from '../problem.ts'
import type { RoomParts } from './join-room.ts'

/** Ends a session: the parts that the room makes itself, and then the others. A part that does not end well is a problem. */
export async function endRoom(
  first: readonly (() => unknown)[],
  parts: Omit<RoomParts<KeySource>, 'keys'>,
  report: (problem: RoomProblem) => void,
): Promise<void> {
  const others = [
    () => parts.messages.close(),
    () => parts.transport.close(),
    () => parts.media?.close(),
    () => parts.release(),
  ]
  const failed = (error: unknown): void => report(problemFrom(error, 'ERR_CLIENT_MEDIA'))
  await endParts([...first, ...others], parts.clock, failed)
}

/**
 * Ends the parts of a session one after the other: one that does not end well, or not within 2 s, does not keep the others.
 * Never rejects. spec R33, R158
 *
 * @param failed hears of each part that did not end well
 */
async function endParts(
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
