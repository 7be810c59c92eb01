/**
 * The page for a link that opens no room: it says why, and what to do.
 *
 * @module
 */
import type { JSX } from 'preact'
import type { LinkFault } from '../state/client-port.ts'
import { MessagePage } from './message-page.tsx'
import { NewRoomButton } from './new-room-button.tsx'
import { PasteLink } from './paste-link.tsx'
import { strings } from './strings.ts'

/** The page for a faulty link. */
export function BadLinkPage({ fault }: { readonly fault: LinkFault | 'burnt' }): JSX.Element {
  return (
    <MessagePage title={strings.badLink.title} text={strings.badLink[fault]} alert>
      {fault !== 'burnt' && <PasteLink />}
      <NewRoomButton label={strings.badLink.newRoom} quiet={fault !== 'burnt'} />
    </MessagePage>
  )
}
