/**
 * The page of somebody who asks to come in.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { Call } from '../state/call.ts'
import type { Entry } from '../state/entry.ts'
import { OwnerKey } from './owner-key.tsx'
import { MessagePage } from './message-page.tsx'
import { strings } from './strings.ts'

/** Says that somebody must let this person in, or that nobody may come in now. */
export function WaitingPage(props: { readonly entry: Entry; readonly call: Call }): JSX.Element {
  const { standing } = props.call.authority.view.value
  const words = strings.waiting[standing === 'refused' ? 'locked' : 'asking']
  if (standing === 'asking') return <main class="page" aria-busy="true" />
  return (
    <MessagePage key={standing} title={words.title} text={words.text} alert>
      <button type="button" class="button" onClick={() => void props.entry.leave()}>
        {strings.waiting.leave}
      </button>
      <OwnerKey {...props} />
    </MessagePage>
  )
}
