/**
 * The button that puts the room's link into the clipboard.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Entry } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { Icon } from './icon.tsx'
import { strings } from './strings.ts'

/** Copies the whole link, secret included: that is what lets somebody in. */
export function CopyLinkButton(props: {
  readonly entry: Entry
  readonly primary?: boolean
}): JSX.Element {
  const { app } = useServices()
  return (
    <button
      type="button"
      class={props.primary === true ? 'button is-primary' : 'button is-small copy-link'}
      onClick={() => void app.copyLink(props.entry)}
    >
      <Icon name="link" />
      <span class="button-text">{strings.call.copyLink}</span>
    </button>
  )
}
