/**
 * The conversation: a panel beside the stage, on a phone over it.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Chat, MessageGroup } from '../state/chat.ts'
import { Icon } from './icon.tsx'
import { isWide } from './layout.ts'
import { MessageComposer } from './message-composer.tsx'
import { MessageText } from './message-text.tsx'
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
      <MessageLog chat={chat} />
      <MessageComposer chat={chat} />
    </section>
  )
}

const MessageLog = ({ chat }: { readonly chat: Chat }): JSX.Element => {
  const ref = useRef<HTMLDivElement>(null)
  const followsEnd = useRef(true)
  const shown = useSignal(SHOWN_AT_ONCE)
  const missesNew = useSignal(false)
  const groups = chat.groups.value
  const lastIsOwn = groups.at(-1)?.own === true
  useLayoutEffect(() => {
    const log = ref.current
    if (log === null || groups.length === 0) return
    if (followsEnd.current || lastIsOwn) log.scrollTop = log.scrollHeight
    else missesNew.value = true
  }, [groups, lastIsOwn])
  useEffect(() => {
    const log = ref.current
    if (log === null) return undefined
    // A keyboard that opens makes the log lower: its end stays in sight.
    const observer = new ResizeObserver(() => {
      if (followsEnd.current) log.scrollTop = log.scrollHeight
    })
    observer.observe(log)
    return () => observer.disconnect()
  }, [])
  const toEnd = (): void => {
    ref.current?.scrollTo({ top: ref.current.scrollHeight })
    ref.current?.focus({ preventScroll: true })
  }
  return (
    <div class="chat-log-frame">
      <div
        ref={ref}
        class="chat-log"
        role="log"
        aria-label={strings.chat.title}
        tabIndex={0}
        onScroll={({ currentTarget: log }) => {
          followsEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END
          if (followsEnd.current) missesNew.value = false
        }}
      >
        {groups.length === 0 && <p class="chat-empty">{strings.chat.empty}</p>}
        {groups.length > shown.value && (
          <button
            type="button"
            class="button is-small chat-earlier"
            onClick={() => {
              shown.value += SHOWN_AT_ONCE
            }}
          >
            {strings.chat.earlier}
          </button>
        )}
        {groups.slice(-shown.value).map((group) => (
          <MessageGroupView key={group.id} group={group} />
        ))}
      </div>
      {missesNew.value && (
        <button type="button" class="button is-small chat-newest" onClick={toEnd}>
          {strings.chat.newest}
          <Icon name="down" />
        </button>
      )}
    </div>
  )
}

/** Groups of messages that are drawn at first, and more for each press of the button. */
const SHOWN_AT_ONCE = 150

/** How far from the end still counts as reading the newest, in CSS pixels. */
const NEAR_END = 60

const MessageGroupView = ({ group }: { readonly group: MessageGroup }): JSX.Element => (
  <div class={group.own ? 'message-group is-own' : 'message-group'}>
    <p class="message-meta">
      <span class="message-name" dir="auto">
        {group.own ? strings.chat.you : group.name}
      </span>
      {/* oxlint-disable-next-line no-restricted-globals -- writes a given time, asks for none */}
      <time dateTime={new Date(group.at).toISOString()}>{TIME_FORMAT.format(group.at)}</time>
    </p>
    {group.messages.map((message) => (
      <div key={message.id} class="message-bubble" data-state={message.state}>
        <MessageText text={message.text} />
        {message.state !== 'sent' && (
          <span class="message-state">{strings.chat[message.state]}</span>
        )}
      </div>
    ))}
  </div>
)

const TIME_FORMAT = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
