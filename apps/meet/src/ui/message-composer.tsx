/**
 * The field for a new message.
 *
 * @module
 */
import { MAX_CHAT_LENGTH } from '@conclave/client'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Chat } from '../state/chat.ts'
import { Icon } from './icon.tsx'
import { isWide } from './layout.ts'
import { strings } from './strings.ts'

/** Enter sends, Shift with Enter starts a new line. */
export function MessageComposer({ chat }: { readonly chat: Chat }): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    // Where the chat covers the call it was opened to write; beside it, focus stays where it is.
    if (!isWide()) field.current?.focus()
  }, [])
  const send = (): void => {
    void chat.send()
    field.current?.focus()
  }
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        ref={field}
        rows={Math.min(5, chat.draft.value.split('\n').length)}
        dir="auto"
        aria-label={strings.chat.message}
        placeholder={strings.chat.placeholder}
        maxLength={MAX_CHAT_LENGTH}
        enterkeyhint="send"
        value={chat.draft.value}
        onInput={(event) => {
          chat.draft.value = event.currentTarget.value
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <button
        type="submit"
        class="send-button"
        aria-label={strings.chat.send}
        aria-disabled={chat.draft.value.trim() === ''}
      >
        <Icon name="send" />
      </button>
    </form>
  )
}
