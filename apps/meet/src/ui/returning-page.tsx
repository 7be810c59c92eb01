/**
 * The moment between a reload and the call.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Entry } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { BrandMark } from './brand.tsx'
import { NoticesView } from './notices-view.tsx'
import { strings } from './strings.ts'

/** Says that the call is on its way, and lets go back to the lobby. */
export function ReturningPage(props: {
  readonly entry: Entry
  readonly waiting: boolean
}): JSX.Element {
  return (
    <main class="returning">
      <BrandMark />
      <p role="status">{props.waiting ? strings.lobby.waiting : strings.lobby.returning}</p>
      <button type="button" class="button" onClick={() => props.entry.cancel()}>
        {strings.lobby.cancel}
      </button>
      <NoticesView notices={useServices().app.context.notices} />
    </main>
  )
}
