/**
 * The screens of a call.
 *
 * @module
 */
import { strings } from '../../src/ui/strings.ts'
import type { Page } from '../browsers/page.ts'
import type { Hub } from '../hub.ts'
import { goOffline, mayGoOffline } from '../offline.ts'
import { says } from '../page-facts.ts'
import type { Person } from '../person.ts'
import { ask, noticesGo, type Screen } from './screen.ts'

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

/** Each state of a call. */
export const callScreens: readonly Screen[] = [
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
    name: 'call in which somebody asks',
    async open(hub, meet) {
      const { alice } = await ask(hub, meet)
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
    name: 'call while the hub is away',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await hub.kill()
      await alice.page.waitFor(() => document.body.innerText.includes('The call goes on.'), null)
      return alice.page
    },
  },
]
