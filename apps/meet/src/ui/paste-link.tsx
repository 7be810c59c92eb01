/**
 * A field for a link that came by other ways than a click.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { useServices } from './app-context.ts'
import { strings } from './strings.ts'

/** Opens a pasted room link. */
export function PasteLink(): JSX.Element {
  const { app } = useServices()
  const id = useId()
  const text = useSignal('')
  const wrong = useSignal<'burnt' | 'none' | undefined>(undefined)
  const submit = (event: Event): void => {
    event.preventDefault()
    const type = app.openPasted(text.peek())
    wrong.value = type === 'path' ? undefined : type
  }
  return (
    <form class="paste-link" onSubmit={submit}>
      <label for={id}>{strings.start.haveLink}</label>
      <div class="input-row">
        <input
          id={id}
          type="text"
          inputMode="url"
          autoComplete="off"
          spellcheck={false}
          dir="ltr"
          required
          placeholder={strings.start.placeholder}
          value={text}
          aria-invalid={wrong.value !== undefined}
          aria-describedby={`${id}-error`}
          onInput={(event) => {
            text.value = event.currentTarget.value
            wrong.value = undefined
          }}
        />
        <button type="submit" class="button">
          {strings.start.open}
        </button>
      </div>
      <p id={`${id}-error`} class="field-error" aria-live="polite">
        {wrong.value === 'burnt' && strings.start.burnt}
        {wrong.value === 'none' && strings.start.notALink}
      </p>
    </form>
  )
}
