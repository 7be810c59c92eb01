/**
 * The first page: what this is, and the two ways in.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { useServices } from './app-context.ts'
import { NewRoomButton } from './new-room-button.tsx'
import { PageHeader } from './page-header.tsx'
import { PasteLink } from './paste-link.tsx'
import { ProtectionFold } from './protection.tsx'
import { StartPicture } from './start-picture.tsx'
import { strings } from './strings.ts'
import { UnsupportedPage } from './unsupported-page.tsx'

/** Makes a room, or opens one by its link. */
export function StartPage(): JSX.Element {
  const { app } = useServices()
  useEffect(() => {
    document.title = strings.product
  }, [])
  if (app.missing.value !== undefined) return <UnsupportedPage missing={app.missing.value} />
  return (
    <div class="page start-page">
      <PageHeader isStart />
      <main class="start">
        <div class="start-words">
          <h1>{strings.start.title}</h1>
          <p class="lead">{strings.start.lead}</p>
          {app.context.page.serverWasAway && (
            <p class="hint" role="status">
              {strings.serverWasAway}
            </p>
          )}
          <NewRoomButton label={strings.start.newRoom} />
          <PasteLink />
        </div>
        <StartPicture />
        <ProtectionFold />
      </main>
    </div>
  )
}
