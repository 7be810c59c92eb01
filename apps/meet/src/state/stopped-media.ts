/**
 * The media of a call that is stopped because it is not protected, as data: the words are the user interface's.
 *
 * @module
 */
import type { MediaProtection } from '@conclave/client'

/** `briefly`: it comes back by itself. Else for good: what goes out, what comes in, or all. */
export type StoppedMedia = 'briefly' | 'outgoing' | 'incoming' | 'all'

/** The media that is stopped; `undefined` while all is well, and in a room without media. */
export function stoppedMedia(protection: MediaProtection | undefined): StoppedMedia | undefined {
  if (protection === undefined) return undefined
  const { send, receive } = protection
  if (send === 'stopped') return receive === 'stopped' ? 'all' : 'outgoing'
  if (receive === 'stopped') return 'incoming'
  return send === 'restarting' || receive === 'restarting' ? 'briefly' : undefined
}
