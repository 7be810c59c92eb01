/**
 * The page after a call.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { CallEnd } from '../state/client-port.ts'
import type { Entry } from '../state/entry.ts'
import { MessagePage } from './message-page.tsx'
import { NewRoomButton } from './new-room-button.tsx'
import { strings } from './strings.ts'

/** Says why the call is over, with a way back. */
export function EndedPage(props: {
  readonly entry: Entry
  readonly reason: CallEnd
  /** Whether something that was written at the end reached nobody. */
  readonly unsent: boolean
}): JSX.Element {
  const words = strings.ended
  return (
    <MessagePage
      title={words[props.reason]}
      text={words[`${props.reason}Hint`]}
      more={props.unsent ? words.unsent : undefined}
    >
      <button type="button" class="button is-primary" onClick={() => void props.entry.rejoin()}>
        {words.rejoin}
      </button>
      <NewRoomButton label={words.newRoom} quiet />
    </MessagePage>
  )
}
