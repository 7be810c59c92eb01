/**
 * Device choices and keys during a call.
 *
 * @module
 */
import type { JSX, RefObject } from 'preact'
import type { LocalMedia } from '../state/local-media.ts'
import { useServices } from './app-context.ts'
import { DeviceFields } from './device-fields.tsx'
import { Dialog, type DialogHandle } from './dialog.tsx'
import { strings } from './strings.ts'

/** The dialog of the settings. */
export function SettingsDialog(props: {
  readonly handle: RefObject<DialogHandle | null>
  readonly media: LocalMedia
}): JSX.Element {
  const words = strings.devices
  const content = (): JSX.Element => (
    <>
      <DeviceFields media={props.media} meter />
      <SoundsField />
      <section class="shortcuts">
        <h3>{words.shortcuts}</h3>
        <dl>
          {strings.shortcuts.map(([key, meaning]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  )
  return (
    <Dialog handle={props.handle} title={words.title} closeLabel={words.close} content={content} />
  )
}

const SoundsField = (): JSX.Element => {
  const { preferences } = useServices().app.context
  return (
    <label class="check-field">
      <input
        type="checkbox"
        checked={preferences.choices.value.soundsOn}
        onChange={(event) => preferences.change({ soundsOn: event.currentTarget.checked })}
      />
      {strings.devices.sounds}
    </label>
  )
}
