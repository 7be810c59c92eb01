/**
 * The last messages of a session that leaves. spec R103
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { Chat } from './chat.ts'
import type { RoomParts } from './join-room.ts'
import type { RoomState } from './room-store.ts'

/**
 * Waits until the hub has what this session wrote: messages that wait for a key included, and for a moment only. Without
 * the hub it waits for nothing that needs it.
 */
export async function sayLastWords(
  { messages, clock }: Pick<RoomParts<KeySource>, 'messages' | 'clock'>,
  { chat, state }: { readonly chat: Chat; readonly state: RoomState },
): Promise<void> {
  await messages.settled()
  if (state !== 'connected') return
  let timer: unknown
  const stops: (() => void)[] = []
  await Promise.race([
    chat.saidAll(),
    new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, LAST_WORDS_MS)
      for (const type of ['down', 'ended'] as const) stops.push(messages.on(type, () => resolve()))
    }),
  ])
  clock.clearTimeout(timer)
  for (const stop of stops) stop()
  await messages.settled()
}

/** A change of the key takes a second at most (R50), and a busy hub a moment more. */
const LAST_WORDS_MS = 2000
