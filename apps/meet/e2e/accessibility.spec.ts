/** Every screen of the app in every kind of window: axe finds no barrier, and nothing lies on or outside of anything. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { root } from '../../../tools/prepare.mjs'
import { ownerKeyStrings } from '../src/ui/owner-key-strings.ts'
import { strings } from '../src/ui/strings.ts'
import type { Page } from './browsers/page.ts'
import { expect, test, type PersonOptions } from './fixtures.ts'
import type { Hub } from './hub.ts'
import { findLayoutFaults } from './layout-faults.ts'
import { goOffline, mayGoOffline } from './offline.ts'
import type { Person } from './person.ts'
import { show, VIEWS } from './views.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Screen {
  readonly name: string
  readonly open: (
    hub: Hub,
    meet: (name: string, options?: PersonOptions) => Promise<Person>,
  ) => Promise<Page>
  /** Brings back what a change of the window has closed. */
  readonly prepare?: (page: Page) => Promise<void>
}

/** Notices go by themselves. */
const noticesGo = (page: Page): Promise<unknown> =>
  page.waitFor(() => document.querySelector('.notice') === null, null, { what: 'notices to go' })

const says = (page: Page, words: string): Promise<unknown> =>
  page.waitFor((each) => document.body.innerText.includes(each), words, { what: words })

/** Two people who write to each other; the chat is open when the first message has come. */
const converse = async (
  hub: Hub,
  meet: Parameters<Screen['open']>[1],
): Promise<{ readonly alice: Person }> => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nuthatch')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  for (let line = 1; line < 6; line += 1) await bob.say(`the looms, drawing ${line}`)
  await alice.say('I have them: www.example.org/looms')
  await alice.reads('drawing 5')
  await noticesGo(alice.page)
  return { alice }
}

const isChatOpen = (page: Page): Promise<boolean> =>
  page.evaluate(
    () => document.querySelector('[aria-controls="chat"][aria-expanded="true"]') !== null,
    null,
  )

const openChat = async (page: Page): Promise<void> => {
  if (!(await isChatOpen(page))) await page.click('button', 'Chat')
}

/** Somebody asks to come into a call that the other one made. */
const ask = async (
  hub: Hub,
  meet: Parameters<Screen['open']>[1],
): Promise<{ readonly alice: Person; readonly bob: Person }> => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nuthatch')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.chooseRule('People who have the link and are let in')
  await bob.asks(link)
  await bob.page.see('heading', 'You asked to come in')
  await alice.page.see('button', 'Let in')
  await noticesGo(alice.page)
  return { alice, bob }
}

const screens: readonly Screen[] = [
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
    name: 'call, alone',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      return alice.page
    },
  },
  {
    name: 'call of two',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      const bob = await meet('Bob-Nuthatch')
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await bob.join(link)
      await alice.sees(bob.name)
      return alice.page
    },
    prepare: (page) => page.click('button', 'Copy link'),
  },
  {
    name: 'call with the chat open',
    async open(hub, meet) {
      const { alice } = await converse(hub, meet)
      return alice.page
    },
    prepare: openChat,
  },
  {
    name: 'call with the chat open and a notice',
    async open(hub, meet) {
      const { alice } = await converse(hub, meet)
      return alice.page
    },
    async prepare(page) {
      // In a small window the chat lies over the button.
      if (await isChatOpen(page)) await page.click('button', 'Close chat')
      await page.click('button', 'Copy link')
      await openChat(page)
    },
  },
  {
    name: 'call with somebody, a screen and a conversation',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      const bob = await meet('Bob-Nuthatch')
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await bob.join(link)
      await bob.say('good morning to you')
      await alice.reads('good morning to you')
      await alice.say('and to you')
      await bob.page.click('button', 'Share screen')
      await alice.sees(bob.name, { isScreen: true })
      return alice.page
    },
  },
  {
    name: 'settings',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await alice.page.click('button', 'Settings')
      await alice.page.see('dialog', 'Settings')
      return alice.page
    },
  },
  {
    name: 'call in which somebody asks',
    async open(hub, meet) {
      const { alice } = await ask(hub, meet)
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
    name: 'people',
    async open(hub, meet) {
      const { alice, bob } = await ask(hub, meet)
      await alice.page.click('button', 'Let in')
      await alice.isWith([bob.name])
      await noticesGo(alice.page)
      await alice.page.click('button', 'People')
      await alice.page.click('button', `Take ${bob.name} out of the call`)
      return alice.page
    },
  },
  {
    name: 'call with somebody away',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      const bob = await meet('Bob-Nuthatch', { before: [mayGoOffline] })
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await bob.join(link)
      await alice.sees(bob.name)
      await goOffline(bob.page, { media: true })
      await says(alice.page, strings.call.away)
      return alice.page
    },
  },
  {
    name: 'host key',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await alice.page.click('button', 'People')
      await alice.page.click('button', ownerKeyStrings.show)
      await alice.page.see('textbox', ownerKeyStrings.label)
      await alice.page.click('button', ownerKeyStrings.copy)
      await says(alice.page, ownerKeyStrings.copied)
      return alice.page
    },
  },
  {
    name: 'host key to enter',
    async open(hub, meet) {
      const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nuthatch')]
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await bob.join(link)
      await bob.isWith([alice.name])
      await noticesGo(bob.page)
      await bob.page.click('button', 'People')
      await bob.entersOwnerKey('041G-2081-040G')
      await says(bob.page, ownerKeyStrings.malformed)
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
    name: 'details of the encryption',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await alice.page.click('button', 'End-to-end encrypted')
      await alice.page.evaluate(unfold, null)
      return alice.page
    },
  },
  {
    name: 'call with the room code',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      const bob = await meet('Bob-Nuthatch')
      const link = await alice.makeRoom(hub.origin)
      await alice.join(link)
      await bob.join(link)
      await alice.isWith([bob.name])
      await alice.page.click('button', 'End-to-end encrypted')
      await alice.page.click('button', 'Check who is here')
      await alice.page.waitFor(() => document.querySelector('.room-code-digits') !== null, null)
      await alice.page.click('button', `Confirm ${bob.name}`)
      await alice.page.see('button', `Undo the confirmation of ${bob.name}`)
      return alice.page
    },
  },
  {
    name: 'call while the hub is away',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await hub.kill()
      await alice.page.waitFor(() => document.body.innerText.includes('The call goes on.'), null)
      return alice.page
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

/** Each screen is looked at in many windows, each of which axe searches whole. */
const MATRIX_TIMEOUT_MS = 5 * 60_000

/** `npm run screenshots` leaves a picture of every screen in every view here, to look at. */
const pictures = join(root, '.cache/screenshots')

for (const { name, open, prepare } of screens) {
  test(`${name}: everything can be read and pressed in every window @pictures`, async ({
    hub,
    meet,
  }) => {
    test.setTimeout(MATRIX_TIMEOUT_MS)
    const page = await open(hub, meet)
    for (const view of VIEWS) {
      await show(page, view, prepare)
      if (process.env['SCREENSHOTS'] !== undefined) {
        mkdirSync(pictures, { recursive: true })
        await page.screenshot(
          `${join(pictures, `${name.replaceAll(/\W+/g, '-')}-${view.name}`)}.png`,
        )
      }
      expect.soft(await findLayoutFaults(page), `layout, ${view.name}`).toEqual([])
      expect.soft(await findBarriers(page), `axe, ${view.name}`).toEqual([])
    }
  })
}

// Runs in the page and must not refer to anything outside of itself.
function unfold(): void {
  for (const fold of document.querySelectorAll('details')) fold.open = true
}

const findBarriers = async (page: Page): Promise<string[]> => {
  await page.addScript(axe)
  const { violations } = await page.evaluate(runAxe, null)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html}`),
  )
}

// Runs in the page and must not refer to anything outside of itself.
async function runAxe(): Promise<Pick<AxeResults, 'violations'>> {
  const tools: { run(context: Document, options: object): Promise<AxeResults> } = Reflect.get(
    globalThis,
    'axe',
  )
  // What fades in is not yet what is seen.
  await Promise.all(
    document.getAnimations().map((animation) => animation.finished.catch(() => undefined)),
  )
  const { violations } = await tools.run(document, { resultTypes: ['violations'] })
  return { violations }
}
