/**
 * The composition root: the only place that knows the browser, the client and the interface.
 *
 * @module
 */
import { render } from 'preact'
import { systemClock } from '@conclave/base'
import { createClientPort } from './platform/client.ts'
import { Cues } from './platform/cues.ts'
import { LevelMeter } from './platform/levels.ts'
import { createMediaPort } from './platform/media.ts'
import { createPagePort, openStore } from './platform/page.ts'
import { keepApp } from './platform/shell.ts'
import { SoundOutput } from './platform/sound.ts'
import { createTabPort } from './platform/tabs.ts'
import { App } from './state/app.ts'
import { Notices } from './state/notices.ts'
import { Preferences } from './state/preferences.ts'
import { AppServicesContext } from './ui/app-context.ts'
import { AppView } from './ui/app-view.tsx'
import { followWidth } from './ui/layout.ts'
import { strings } from './ui/strings.ts'

/** The address of the app: scripts lie in a folder below it, wherever a proxy shows it. */
const base = new URL('..', import.meta.url).href

const start = (root: HTMLElement): void => {
  const preferences = new Preferences({
    lasting: openStore('localStorage'),
    tab: openStore('sessionStorage'),
  })
  const levels = new LevelMeter()
  const sound = new SoundOutput(() => preferences.choices.value.speakerId)
  const cues = new Cues(() => preferences.choices.peek().soundsOn)
  const app = new App({
    client: createClientPort(),
    page: createPagePort(base),
    mediaPort: createMediaPort(),
    levels,
    preferences,
    notices: new Notices(systemClock),
    clock: systemClock,
    cues,
    nameWords: { guest: strings.guest, reserved: [strings.call.you] },
    chatFits: followWidth(),
    tabs: createTabPort(),
  })
  for (const type of ['pointerdown', 'keydown']) {
    addEventListener(type, () => {
      levels.resume()
      cues.arm()
    })
  }
  // A page that goes away says so, instead of leaving an empty tile with the others.
  addEventListener('pagehide', () => app.leaveNow())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
  root.replaceChildren()
  render(
    <AppServicesContext.Provider value={{ app, levels, sound }}>
      <AppView />
    </AppServicesContext.Provider>,
    root,
  )
}

const root = document.getElementById('app')
if (root !== null) start(root)
// Not before everything that the page itself needs is here.
addEventListener('load', () => {
  void keepApp(base)
  // The next page needs it; whoever joins asks for it again.
  import('./rooms.ts').catch(() => {})
})
