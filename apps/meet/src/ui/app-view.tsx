/**
 * Shows the page that the app is on.
 *
 * @module
 */
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Entry } from '../state/entry.ts'
import { useServices } from './app-context.ts'
import { BadLinkPage } from './bad-link-page.tsx'
import { CallView } from './call-view.tsx'
import { EndedPage } from './ended-page.tsx'
import { Lobby } from './lobby.tsx'
import { MessagePage } from './message-page.tsx'
import { ReturningPage } from './returning-page.tsx'
import { StartPage } from './start-page.tsx'
import { strings } from './strings.ts'
import { UnsupportedPage } from './unsupported-page.tsx'
import { WaitingPage } from './waiting-page.tsx'

/** The whole visible app. */
export function AppView(): JSX.Element {
  const { app } = useServices()
  const screen = app.screen.value
  return (
    <>
      {screen.type === 'start' && <StartPage />}
      {screen.type === 'nowhere' && <NowherePage />}
      {screen.type === 'burnt' && <BadLinkPage fault="burnt" />}
      {screen.type === 'room' && <EntryView key={screen.entry.link} entry={screen.entry} />}
    </>
  )
}

const EntryView = ({ entry }: { readonly entry: Entry }): JSX.Element => {
  const state = entry.state.value
  const returning = state.type === 'joining' && state.returning
  useEffect(() => {
    document.title =
      state.type === 'call' ? `${strings.call.title} – ${strings.product}` : strings.product
  }, [state.type])
  if (returning) return <ReturningPage entry={entry} waiting={state.waiting} />
  switch (state.type) {
    case 'checking':
      return <main class="page" aria-busy="true" />
    case 'unsupported':
      return <UnsupportedPage missing={state.missing} />
    case 'bad-link':
      return <BadLinkPage fault={state.fault} />
    case 'lobby':
    case 'joining':
      return <Lobby entry={entry} state={state} />
    case 'call':
      return state.call.authority.view.value.standing === 'admitted' ? (
        <CallView entry={entry} call={state.call} />
      ) : (
        <WaitingPage entry={entry} call={state.call} />
      )
    case 'ended':
      return <EndedPage entry={entry} reason={state.reason} unsent={state.unsent === true} />
  }
}

const NowherePage = (): JSX.Element => (
  <MessagePage title={strings.nowhere.title} text={strings.nowhere.hint}>
    <a class="button is-primary" href={useServices().app.context.page.base}>
      {strings.nowhere.home}
    </a>
  </MessagePage>
)
