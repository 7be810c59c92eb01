/**
 * The app's default for a new room: who comes later reads what was written, while the call lasts.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { CallPort, ClientPort } from './client-port.ts'

/**
 * In the browser that made the room, has members pass messages on to those who come, unless the owner has set anything
 * before: members who know of it say so within a moment. Another device of the owner may not know what the owner set. Returns
 * a function that gives it up.
 */
export function keepMessages(
  room: CallPort,
  { clock, client }: { readonly clock: Clock; readonly client: Pick<ClientPort, 'isMaker'> },
): () => void {
  const begin = async (): Promise<void> => {
    const { role, number } = room.snapshot.authority
    if (role !== 'owner' || number > 0 || !(await client.isMaker(room))) return
    await room.authority.setHistory('call')
  }
  // Nobody sees a difference when it fails.
  const timer = clock.setTimeout(() => void begin().catch(() => {}), SETTLING_MS)
  return () => clock.clearTimeout(timer)
}

const SETTLING_MS = 2000
