/**
 * Fields for the choice of camera, microphone and speaker.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { DeviceState, LocalMedia } from '../state/local-media.ts'
import type { DeviceInfo } from '../state/media-port.ts'
import { useServices } from './app-context.ts'
import { LevelMeterView } from './level-meter-view.tsx'
import { strings } from './strings.ts'

/** The three choices; `meter` shows under the microphone what it hears. */
export function DeviceFields(props: {
  readonly media: LocalMedia
  readonly meter?: boolean
}): JSX.Element {
  const { media, meter } = props
  const { preferences, mediaPort } = useServices().app.context
  const { microphones, cameras, speakers } = media.devices.value
  const choices = preferences.choices.value
  return (
    <div class="device-fields">
      <DeviceField
        label={strings.devices.microphone}
        devices={microphones}
        none={noneOf(media.microphone.value)}
        chosen={choices.microphoneId}
        onChoose={(id) => void media.choose('microphone', id)}
      >
        {meter === true && <LevelMeterView media={media} />}
      </DeviceField>
      <DeviceField
        label={strings.devices.camera}
        devices={cameras}
        none={noneOf(media.camera.value)}
        chosen={choices.cameraId}
        onChoose={(id) => void media.choose('camera', id)}
      />
      {mediaPort.canChooseSpeaker && speakers.length > 0 && (
        <DeviceField
          label={strings.devices.speaker}
          devices={speakers}
          none={strings.devices.none}
          chosen={choices.speakerId}
          onChoose={(id) => void media.choose('speaker', id)}
        />
      )}
    </div>
  )
}

/** Browsers list no devices before they are allowed: that is not the same as none. */
const noneOf = (state: DeviceState): string =>
  state.state === 'fault' && state.fault === 'denied'
    ? strings.devices.notAllowed
    : strings.devices.none

const DeviceField = (props: {
  readonly label: string
  readonly devices: readonly DeviceInfo[]
  readonly chosen: string
  /** The text of a list without devices. */
  readonly none: string
  readonly onChoose: (id: string) => void
  readonly children?: JSX.Element | false
}): JSX.Element => {
  const { devices, chosen } = props
  const known = devices.some((device) => device.id === chosen)
  return (
    <div class="device-field">
      <label class="field">
        <span class="field-label">{props.label}</span>
        <select
          disabled={devices.length === 0}
          value={known ? chosen : (devices[0]?.id ?? '')}
          onChange={(event) => props.onChoose(event.currentTarget.value)}
        >
          {devices.length === 0 && <option value="">{props.none}</option>}
          {devices.map((device, index) => (
            <option key={device.id} value={device.id}>
              {device.label === '' ? strings.devices.unnamed(index + 1) : device.label}
            </option>
          ))}
        </select>
      </label>
      {props.children}
    </div>
  )
}
