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
import { recordersOf } from '../state/roster.ts'
import { useServices } from './app-context.ts'
import { AskingBanner } from './asking-banner.tsx'
import { BrandMark } from './brand.tsx'
import { CallControls } from './call-controls.tsx'
import { ChatPanel } from './chat-panel.tsx'
import { CopyLinkButton } from './copy-link-button.tsx'
import type { DialogHandle } from './dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { NoticesView } from './notices-view.tsx'
import { PeopleButton } from './people-dialog.tsx'
import { ProtectionButton } from './protection.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { Stage } from './stage.tsx'
import { strings } from './strings.ts'
import { useArrivalFocus } from './use-arrival-focus.ts'
import { useCallShortcuts } from './use-call-shortcuts.ts'

/** The running call of an entry. */
export function CallView(props: { readonly entry: Entry; readonly call: Call }): JSX.Element {
  const { entry, call } = props
  const { app } = useServices()
  const settings = useRef<DialogHandle>(null)
  const main = useArrivalFocus<HTMLElement>()
  const chatOpen = call.chat.isOpen.value
  const alone = call.people.value.length < 2
  useEffect(() => keepAwake(), [])
  useCallShortcuts(call)
  useUnreadTitle(call)
  return (
    <main ref={main} class={chatOpen ? 'call has-chat' : 'call'} tabIndex={-1}>
      <h1 class="visually-hidden">{strings.call.title}</h1>
      <div class="call-banner">
        <ConnectionBanner call={call} />
        <StoppedBanner call={call} />
        <RecordingBanner call={call} />
        <AskingBanner authority={call.authority} />
      </div>
      <header class="call-header">
        <BrandMark />
        <ProtectionButton call={call} />
        <NoticesView notices={app.context.notices} />
        <PeopleButton entry={entry} call={call} />
        {!alone && <CopyLinkButton entry={entry} />}
      </header>
      <div class="call-main">
        <Stage call={call} entry={entry} />
        <SoundButton />
      </div>
      {chatOpen && <ChatPanel chat={call.chat} />}
      <LatestMessage call={call} />
      <SpokenMessages call={call} />
      <CallControls entry={entry} call={call} onSettings={() => settings.current?.open()} />
      <LeaveDialog entry={entry} call={call} />
      <SettingsDialog handle={settings} media={call.media} />
    </main>
  )
}

const ConnectionBanner = ({ call }: { readonly call: Call }): JSX.Element => (
  <p class="connection" role="status">
    {call.connection.value === 'reconnecting' && strings.call.reconnecting}
  </p>
)

const StoppedBanner = ({ call }: { readonly call: Call }): JSX.Element => {
  const stopped = call.stopped.value
  return (
    <p class="connection" role="alert">
      {stopped !== undefined && strings.call.stopped[stopped]}
    </p>
  )
}

const RecordingBanner = ({ call }: { readonly call: Call }): JSX.Element => {
  const recorders = recordersOf(call.people.value)
  const others = recorders.filter(({ isSelf }) => !isSelf).map(({ name }) => name)
  return (
    <p class="connection" role="status" dir="auto">
      {others.length > 0 && strings.call.recording(others)}
      {others.length < recorders.length && ` ${strings.call.recordingOwn}`}
    </p>
  )
}

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

/** Shows the newest message of others while the chat is closed. */
const LatestMessage = ({ call }: { readonly call: Call }): JSX.Element => {
  const { isOpen, unread, latest } = call.chat
  const message = latest.value.at(-1)
  const isNews = !isOpen.value && unread.value > 0 && message !== undefined
  return (
    <div class="chat-preview">
      {isNews && (
        <button type="button" class="chat-preview-button" onClick={() => call.chat.setOpen(true)}>
          <bdi class="message-name">{message.name}</bdi>{' '}
          <bdi class="chat-preview-text">{message.text}</bdi>
        </button>
      )}
    </div>
  )
}

/** Announces messages of others to screen readers, whether the chat is open or closed. */
const SpokenMessages = ({ call }: { readonly call: Call }): JSX.Element => (
  <div class="visually-hidden" aria-live="polite">
    {call.chat.latest.value.map(({ id, name, text }) => (
      <p key={id}>{strings.chat.said(name, text)}</p>
    ))}
    {call.chat.missed.value.slice(-1).map(({ after, count }) => (
      <p key={after}>{strings.chat.missed(count)}</p>
    ))}
  </div>
)

const useUnreadTitle = (call: Call): void => {
  const unread = call.chat.unread.value
  useEffect(() => {
    const title = `${strings.call.title} – ${strings.product}`
    document.title = unread > 0 ? `(${unread}) ${title}` : title
  }, [unread])
}
