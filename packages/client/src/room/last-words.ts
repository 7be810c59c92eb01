/**
 * The last messages of a session that leaves. spec R103
 *
 * @module
 */
import { within } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { Chat } from './chat.ts'
import type { RoomParts } from './join-room.ts'
import type { RoomState } from './room-store.ts'

/**
 * Waits until the hub has what this session wrote: messages that wait for a key included, and for a moment only, whatever
 * never answers. Without the hub it waits for nothing that needs it. spec R158
 */
export async function sayLastWords(
  { messages, clock }: Pick<RoomParts<KeySource>, 'messages' | 'clock'>,
  { chat, state }: { readonly chat: Chat; readonly state: RoomState },
): Promise<void> {
  const stops: (() => void)[] = []
  const say = async (): Promise<void> => {
    await messages.settled()
    if (state !== 'connected') return
    const lost = new Promise<void>((resolve) => {
      for (const type of ['down', 'ended'] as const) stops.push(messages.on(type, () => resolve()))
    })
    await Promise.race([chat.saidAll(), lost])
    await messages.settled()
  }
  await within(say(), { clock, ms: LAST_WORDS_MS, late: () => {} })
  for (const stop of stops) stop()
}

/** A change of the key takes a second at most (R50), and a busy hub a moment more. */
const LAST_WORDS_MS = 2000
