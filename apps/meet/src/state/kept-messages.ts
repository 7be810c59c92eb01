/**
 * The app's default for a new room: who comes later reads what was written, while the call lasts.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { CallPort } from './client-port.ts'

/**
 * On the owner's device, has members pass messages on to those who come, unless the owner has set anything before: members
 * who know of it say so within a moment. Returns a function that gives it up.
 */
export function keepMessages(room: CallPort, clock: Clock): () => void {
  const timer = clock.setTimeout(() => {
    const { role, number } = room.snapshot.authority
    // Nobody sees a difference when it fails.
    if (role === 'owner' && number === 0) room.authority.setHistory('call').catch(() => {})
  }, SETTLING_MS)
  return () => clock.clearTimeout(timer)
}

const SETTLING_MS = 2000
