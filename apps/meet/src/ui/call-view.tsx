/**
 * A call: the stage, the chat beside or over it, and the controls.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { keepAwake } from '../platform/wake-lock.ts'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { BrandMark } from './brand.tsx'
import { CallControls } from './call-controls.tsx'
import { ChatPanel } from './chat-panel.tsx'
import { CopyLinkButton } from './copy-link-button.tsx'
import { ProtectionButton } from './protection.tsx'
import { SettingsDialog, type SettingsHandle } from './settings-dialog.tsx'
import { Stage } from './stage.tsx'
import { strings } from './strings.ts'
import { useArrivalFocus } from './use-arrival-focus.ts'
import { useCallShortcuts } from './use-call-shortcuts.ts'

/** The running call of an entry. */
export function CallView(props: { readonly entry: Entry; readonly call: Call }): JSX.Element {
  const { entry, call } = props
  const settings = useRef<SettingsHandle>(null)
  const main = useArrivalFocus<HTMLElement>()
  const chatOpen = call.chat.isOpen.value
  const alone = call.people.value.length < 2
  useEffect(() => keepAwake(), [])
  useCallShortcuts(call)
  useUnreadTitle(call)
  return (
    <main ref={main} class={chatOpen ? 'call has-chat' : 'call'} tabIndex={-1}>
      <h1 class="visually-hidden">{strings.call.title}</h1>
      <header class="call-header">
        <BrandMark />
        <ProtectionButton />
        <ConnectionPill call={call} />
        {!alone && <CopyLinkButton entry={entry} />}
      </header>
      <div class="call-main">
        <Stage call={call} entry={entry} />
        <SoundButton />
      </div>
      {chatOpen && <ChatPanel chat={call.chat} />}
      <LatestMessage call={call} />
      <CallControls entry={entry} call={call} onSettings={() => settings.current?.open()} />
      <SettingsDialog handle={settings} media={call.media} />
    </main>
  )
}

const ConnectionPill = ({ call }: { readonly call: Call }): JSX.Element => (
  <p class="connection" role="status">
    {call.connection.value === 'reconnecting' && (
      <span class="pill">{strings.call.reconnecting}</span>
    )}
  </p>
)

const SoundButton = (): JSX.Element | null => {
  const { sound, levels } = useServices()
  if (!sound.blocked.value) return null
  const unlock = (): void => {
    sound.unlock()
    levels.resume()
  }
  return (
    <button type="button" class="button is-primary sound-button" onClick={unlock}>
      {strings.call.turnOnSound}
    </button>
  )
}

/** Announces messages of others to screen readers while the chat is closed; an open chat announces them itself. */
const LatestMessage = ({ call }: { readonly call: Call }): JSX.Element => {
  const { isOpen, unread, latest } = call.chat
  const message = latest.value
  const says = !isOpen.value && unread.value > 0 && message !== undefined
  return (
    <p class="visually-hidden" role="status">
      {says ? strings.chat.said(message.name, message.text) : ''}
    </p>
  )
}

const useUnreadTitle = (call: Call): void => {
  const unread = call.chat.unread.value
  useEffect(() => {
    const title = `${strings.call.title} – ${strings.product}`
    document.title = unread > 0 ? `(${unread}) ${title}` : title
  }, [unread])
}
