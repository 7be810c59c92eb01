/**
 * The mark of somebody who was confirmed, or who bears the name of such a person.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Person } from '../state/roster.ts'
import { Icon } from './icon.tsx'
import { strings } from './strings.ts'

/** A sign with words for screen readers; nothing for all others. */
export function ConfirmationMark({ person }: { readonly person: Person }): JSX.Element | null {
  const { confirmation } = person
  if (confirmation === 'none') return null
  const { confirmed, otherKey } = strings.roomCode
  return (
    <span class={`confirmation is-${confirmation}`}>
      <Icon name={confirmation === 'confirmed' ? 'check' : 'warning'} />
      <span class="visually-hidden">
        {`, ${confirmation === 'confirmed' ? confirmed : otherKey}`}
      </span>
    </span>
  )
}
