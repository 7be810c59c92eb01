/**
 * Keys during a call.
 *
 * @module
 */
import { useEffect } from 'preact/hooks'
import type { Call } from '../state/call.ts'
import { shortcutOf } from '../state/shortcuts.ts'

/** Listens to keys while the call is shown, but never to those typed into a field. */
export function useCallShortcuts(call: Call): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf(event, isTyping(event.target))
      if (shortcut === undefined) return
      event.preventDefault()
      if (shortcut === 'chat') call.chat.setOpen(!call.chat.isOpen.peek())
      else void call.media.toggle(shortcut)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [call])
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input, textarea, select, [contenteditable], dialog[open]') !== null
