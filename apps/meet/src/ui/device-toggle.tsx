/**
 * The switch of the microphone or the camera.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { LocalMedia } from '../state/local-media.ts'
import type { RecordingDevice } from '../state/media-port.ts'
import { ControlButton } from './control-button.tsx'
import { strings } from './strings.ts'

/** Pressed means on; the name stays the same, and a device with a fault carries a sign. */
export function DeviceToggle(props: {
  readonly media: LocalMedia
  readonly device: RecordingDevice
  readonly shortcut?: string
}): JSX.Element {
  const { media, device } = props
  const now = media[device].value
  const on = now.state === 'on' && !now.muted
  return (
    <ControlButton
      label={strings.call[device]}
      icon={on ? device : `${device}-off`}
      pressed={on}
      tone={on ? 'plain' : 'off'}
      busy={now.state === 'opening'}
      shortcut={props.shortcut}
      fault={now.state === 'fault'}
      onClick={() => void media.toggle(device)}
    />
  )
}
