/**
 * The bar of controls under a call.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { ControlButton } from './control-button.tsx'
import { DeviceToggle } from './device-toggle.tsx'
import { strings } from './strings.ts'

/** Everything that can be done in a call, in one row; Leave stands apart, at its end. */
export function CallControls(props: {
  readonly entry: Entry
  readonly call: Call
  readonly onSettings: () => void
}): JSX.Element {
  const { entry, call } = props
  const words = strings.call
  const sharing = call.screenShare.state.value
  const chatOpen = call.chat.isOpen.value
  const unread = call.chat.unread.value
  return (
    <div class="controls" role="group" aria-label={words.controls}>
      <div class="controls-row">
        <div class="controls-main">
          <DeviceToggle media={call.media} device="microphone" shortcut="M" />
          <DeviceToggle media={call.media} device="camera" shortcut="V" />
          {call.screenShare.isPossible && (
            <ControlButton
              label={words.shareScreen}
              word={words.share}
              icon="screen"
              pressed={sharing === 'on'}
              tone={sharing === 'on' ? 'active' : 'plain'}
              busy={sharing === 'choosing'}
              onClick={() => void call.screenShare.toggle()}
            />
          )}
        </div>
        <div class="controls-side">
          <ControlButton label={words.settings} icon="settings" onClick={props.onSettings} />
          <ControlButton
            label={chatOpen ? words.closeChat : words.openChat}
            word={words.openChat}
            icon="chat"
            expanded={chatOpen}
            description={unread > 0 ? words.unread(unread) : undefined}
            controls="chat"
            shortcut="C"
            tone={chatOpen ? 'active' : 'plain'}
            onClick={() => call.chat.setOpen(!chatOpen)}
          >
            {unread > 0 && (
              <span class="badge" aria-hidden="true">
                {unread > 99 ? '99+' : unread}
              </span>
            )}
          </ControlButton>
          <ControlButton
            label={words.leave}
            icon="leave"
            tone="danger"
            onClick={() => void entry.leave()}
          />
        </div>
      </div>
    </div>
  )
}
