/**
 * Short messages at the edge of the screen, which screen readers say when it suits.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Notices } from '../state/notices.ts'
import { strings } from './strings.ts'

/** All notices of the moment, in a header: there they cover nothing. */
export function NoticesView({ notices }: { readonly notices: Notices }): JSX.Element {
  return (
    <div class="notices" role="status" aria-live="polite" aria-atomic="false">
      {notices.list.value.map(({ id, content }) => (
        <p key={id} class="notice" dir="auto">
          {strings.notice(content)}
        </p>
      ))}
    </div>
  )
}
