/**
 * The conversation: a panel beside the stage, on a phone over it.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Chat } from '../state/chat.ts'
import { Icon } from './icon.tsx'
import { isWide } from './layout.ts'
import { MessageComposer } from './message-composer.tsx'
import { MessageLog } from './message-log.tsx'
import { strings } from './strings.ts'

/** The open chat. Escape closes it where it covers the call. */
export function ChatPanel({ chat }: { readonly chat: Chat }): JSX.Element {
  const close = (): void => {
    document.querySelector<HTMLElement>('[aria-controls="chat"]')?.focus()
    chat.setOpen(false)
  }
  return (
    <section
      id="chat"
      class="chat"
      aria-label={strings.chat.title}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !isWide()) close()
      }}
    >
      <header class="chat-header">
        <h2>{strings.chat.title}</h2>
        <button
          type="button"
          class="icon-button chat-back"
          aria-label={strings.chat.back}
          onClick={close}
        >
          <Icon name="down" />
        </button>
      </header>
      <MessageLog
        rows={chat.rows.value}
        isKept={chat.isKept.value}
        missed={chat.missed.value.at(-1)?.count}
      />
      <MessageComposer chat={chat} />
    </section>
  )
}
