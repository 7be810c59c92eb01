/**
 * A round button with a sign and its name beneath.
 *
 * @module
 */
import type { ComponentChildren, JSX } from 'preact'
import { useId } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

/** One control; `pressed` makes it a switch. Its word stands below the icon where there is room. */
export function ControlButton(props: {
  /** The name, for screen readers and on hover. */
  readonly label: string
  /** The word below the icon; it is part of the name. */
  readonly word?: string
  readonly icon: IconName
  readonly onClick: () => void
  readonly pressed?: boolean
  readonly expanded?: boolean
  /** Id of the element that the button opens. */
  readonly controls?: string
  readonly tone?: 'plain' | 'off' | 'active' | 'danger'
  readonly busy?: boolean
  readonly fault?: boolean
  /** More about the state, for screen readers; not part of the name. */
  readonly description?: string | undefined
  /** The key that does the same. */
  readonly shortcut?: string | undefined
  readonly children?: ComponentChildren
}): JSX.Element {
  const id = useId()
  const { description } = props
  return (
    <>
      <button
        type="button"
        class={`control is-${props.tone ?? 'plain'}`}
        aria-label={props.label}
        aria-pressed={props.pressed}
        aria-expanded={props.expanded}
        aria-controls={props.controls}
        aria-busy={props.busy === true ? true : undefined}
        aria-keyshortcuts={props.shortcut}
        aria-describedby={description && id}
        title={props.shortcut && `${props.label} (${props.shortcut})`}
        onClick={props.onClick}
      >
        <span class="control-sign">
          <Icon name={props.icon} />
          {props.fault === true && (
            <span class="control-fault" aria-hidden="true">
              !
            </span>
          )}
          {props.children}
        </span>
        <span class="control-label" aria-hidden="true">
          {props.word ?? props.label}
        </span>
      </button>
      {description !== undefined && (
        <span id={id} class="visually-hidden">
          {description}
        </span>
      )}
    </>
  )
}
