/**
 * The sounds of a call.
 *
 * @module
 */
import type { RoomState } from '@conclave/client'
import { type ReadonlySignal, effect } from '@preact/signals'
import type { Chat } from './chat.ts'
import type { CuePort } from './cue-port.ts'

/** Plays cues for messages that the person does not see coming, and for a connection that is lost and regained. */
export function playCallCues(
  call: { readonly chat: Chat; readonly connection: ReadonlySignal<RoomState> },
  cues: CuePort,
): () => void {
  let newest = call.chat.latest.peek().at(-1)?.id
  const followMessages = effect(() => {
    const id = call.chat.latest.value.at(-1)?.id
    if (id === newest || id === undefined) return
    newest = id
    if (!call.chat.isOpen.peek() || !cues.isPageSeen()) cues.play('message')
  })
  let wasLost = false
  const followConnection = effect(() => {
    const isLost = call.connection.value === 'reconnecting'
    if (isLost !== wasLost) cues.play(isLost ? 'lost' : 'regained')
    wasLost = isLost
  })
  return () => {
    followMessages()
    followConnection()
  }
}
