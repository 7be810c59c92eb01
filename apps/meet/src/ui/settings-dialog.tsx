/**
 * Device choices and keys during a call.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX, RefObject } from 'preact'
import { useId, useImperativeHandle, useRef } from 'preact/hooks'
import type { LocalMedia } from '../state/local-media.ts'
import { useServices } from './app-context.ts'
import { DeviceFields } from './device-fields.tsx'
import { Icon } from './icon.tsx'
import { strings } from './strings.ts'

/** Opens the dialog. */
export interface SettingsHandle {
  open(): void
}

/** A native modal dialog; Escape, the button and a click beside it close it. */
export function SettingsDialog(props: {
  readonly handle: RefObject<SettingsHandle | null>
  readonly media: LocalMedia
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const open = useSignal(false)
  useImperativeHandle(props.handle, () => ({
    open() {
      open.value = true
      ref.current?.showModal()
    },
  }))
  const close = (): void => ref.current?.close()
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={`${id}-title`}
      onClose={() => {
        open.value = false
      }}
      onClick={(event) => {
        if (event.target === ref.current) close()
      }}
    >
      <div class="dialog-body">
        <header class="dialog-header">
          <h2 id={`${id}-title`}>{strings.devices.title}</h2>
          <button
            type="button"
            class="icon-button"
            aria-label={strings.devices.close}
            onClick={close}
          >
            <Icon name="close" />
          </button>
        </header>
        {open.value && <DeviceFields media={props.media} meter />}
        <SoundsField />
        <section class="shortcuts">
          <h3>{strings.devices.shortcuts}</h3>
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
      </div>
    </dialog>
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
