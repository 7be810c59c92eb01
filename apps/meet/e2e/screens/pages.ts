/**
 * The screens outside of a call.
 *
 * @module
 */
import { ownerKeyStrings } from '../../src/ui/owner-key-strings.ts'
import { strings } from '../../src/ui/strings.ts'
import { ask, type Screen } from './screen.ts'

/** Each page before and after a call, and instead of one. */
export const pageScreens: readonly Screen[] = [
  {
    name: 'start page',
    async open(hub, meet) {
      const { page } = await meet('Alice-Kingfisher')
      await page.goto(`${hub.origin}/`)
      await page.see('button', 'New room')
      return page
    },
  },
  {
    name: 'lobby',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.makeRoom(hub.origin)
      return alice.page
    },
    prepare: (page) => page.click('button', 'Copy link'),
  },
  {
    name: 'lobby without devices',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher', { devices: 'none' })
      await alice.makeRoom(hub.origin)
      await alice.page.waitFor(() => document.body.innerText.includes('was found'), null)
      return alice.page
    },
  },
  {
    name: 'asking to come in',
    async open(hub, meet) {
      const { bob } = await ask(hub, meet)
      return bob.page
    },
  },
  {
    name: 'host key before a closed call',
    async open(hub, meet) {
      const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nuthatch')]
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await alice.chooseRule(strings.people.rules.locked)
      await bob.asks(link)
      await bob.page.see('heading', strings.waiting.locked.title)
      await bob.page.click('button', ownerKeyStrings.enter)
      await bob.page.see('textbox', ownerKeyStrings.label)
      return bob.page
    },
  },
  {
    name: 'after the call',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await alice.leave()
      await alice.page.see('button', 'Rejoin')
      return alice.page
    },
  },
  {
    name: 'bad link',
    async open(hub, meet) {
      const { page } = await meet('Alice-Shrike')
      await page.goto(`${hub.origin}/r/x#y`)
      await page.see('heading', 'This link does not open a room')
      return page
    },
  },
  {
    name: 'unsupported browser',
    async open(hub, meet) {
      const { page } = await meet('Alice-Ousel', {
        before: [() => void Reflect.deleteProperty(globalThis, 'RTCPeerConnection')],
      })
      await page.goto(`${hub.origin}/`)
      await page.see('heading', 'This browser cannot take part')
      return page
    },
  },
  {
    name: 'nothing here',
    async open(hub, meet) {
      const { page } = await meet('Alice-Shrike')
      await page.goto(`${hub.origin}/`)
      await page.evaluate(() => history.pushState(null, '', '/elsewhere'), null)
      await page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')), null)
      await page.see('heading', 'There is nothing here')
      return page
    },
  },
]
