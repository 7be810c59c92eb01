/**
 * The screens with a dialog over a call.
 *
 * @module
 */
import { ownerKeyStrings } from '../../src/ui/owner-key-strings.ts'
import { says } from '../page-facts.ts'
import { ask, noticesGo, type Screen } from './screen.ts'

/** Each dialog of a call. */
export const dialogScreens: readonly Screen[] = [
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
    name: 'details of the encryption',
    async open(hub, meet) {
      const alice = await meet('Alice-Kingfisher')
      await alice.join(await alice.makeRoom(hub.origin))
      await alice.page.click('button', 'End-to-end encrypted')
      await alice.page.evaluate(unfold, null)
      return alice.page
    },
  },
]

// Runs in the page and must not refer to anything outside of itself.
function unfold(): void {
  for (const fold of document.querySelectorAll('details')) fold.open = true
}
