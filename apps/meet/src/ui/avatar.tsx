/**
 * Initials in a circle, for somebody without a picture.
 *
 * @module
 */
import type { JSX } from 'preact'

/** Decoration: the name stands beside it as text. */
export function Avatar(props: { readonly initials: string; readonly hue: number }): JSX.Element {
  return (
    <div class="avatar" style={{ '--hue': String(props.hue) }} aria-hidden="true">
      <span>{props.initials}</span>
    </div>
  )
}
