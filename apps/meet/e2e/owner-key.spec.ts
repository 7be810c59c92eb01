/** The host key: the maker of a room takes it to another browser, and nobody else's key does anything. */
import { ownerKeyStrings } from '../src/ui/owner-key-strings.ts'
import { strings } from '../src/ui/strings.ts'
import { expect, test } from './fixtures.ts'
import type { Person } from './person.ts'

test('the maker of a room takes the host key to another browser, and is the host there', async ({
  hub,
  meet,
}) => {
  test.setTimeout(150_000)
  const alice = await meet('Alice-Kingfisher', { devices: 'none' })
  const phone = await meet('Alice-Wagtail', { browser: 'firefox' })
  const bob = await meet('Bob-Nightjar', { devices: 'none' })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await phone.join(link)
  await bob.join(link)
  await phone.isWith([alice.name, bob.name])
  const key = await alice.seesOwnerKey()
  expect(key).toMatch(/^(?:[\dA-HJKMNP-TV-Z]{4}-){15}[\dA-HJKMNP-TV-Z]$/)

  await phone.page.click('button', 'People')
  await phone.entersOwnerKey(key.toLowerCase().replaceAll('-', ' '))
  await reads(phone, strings.notice({ type: 'owner-here' }))
  await phone.isWith([alice.name, bob.name])
  await bob.isWith([alice.name, phone.name])
  await phone.chooseRule(strings.people.rules.ask)
  await reads(bob, strings.notice({ type: 'rule-ask' }))
  await phone.page.click('button', 'People')
  await phone.page.click('button', strings.people.removeNamed(bob.name))
  await phone.page.click('button', strings.people.remove)
  await bob.page.see('heading', strings.ended.removed)
  await alice.isWith([phone.name])
  await phone.page.click('button', 'Close')

  // The browser keeps the key, and whoever made the room is the host still.
  await phone.page.reload()
  await phone.inCall()
  await phone.isWith([alice.name])
  await bob.page.click('button', 'Rejoin')
  await phone.page.see('button', strings.asking.admit)
  await alice.page.click('button', strings.asking.admit)
  await bob.isWith([alice.name, phone.name])
  for (const { page } of [alice, phone, bob]) {
    const kept = await page.evaluate(readTexts, null)
    for (const place of [kept, page.url(), ...page.requests, ...page.console]) {
      for (const secret of alice.secrets) {
        if (/^[\dA-Z-]{61,}$/.test(secret)) expect(place).not.toContain(secret)
      }
    }
  }
})

test('a damaged host key and that of another room are refused in words, and the right one opens a closed call', async ({
  hub,
  meet,
}) => {
  test.setTimeout(150_000)
  const bob = await meet('Bob-Nightjar', { devices: 'none' })
  await bob.join(await bob.makeRoom(hub.origin))
  const foreign = await bob.seesOwnerKey()
  const alice = await meet('Alice-Kingfisher', { devices: 'none' })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.chooseRule(strings.people.rules.locked)
  const key = await alice.seesOwnerKey()

  const phone = await meet('Alice-Wagtail', { browser: 'firefox' })
  await phone.asks(link)
  await phone.page.see('heading', strings.waiting.locked.title)
  await phone.entersOwnerKey(key.replace(/.$/, ''))
  await reads(phone, ownerKeyStrings.malformed)
  for (const [wrong, words] of [
    [foreign, ownerKeyStrings['other-owner']],
    [link, ownerKeyStrings.malformed],
    [
      `${key.slice(0, 20)}${key[20] === '7' ? '8' : '7'}${key.slice(21)}`,
      ownerKeyStrings.malformed,
    ],
  ] as const) {
    await phone.page.fill(ownerKeyStrings.label, wrong)
    await phone.page.click('button', ownerKeyStrings.submit)
    await reads(phone, words)
  }
  await alice.isWith([])
  await phone.page.fill(ownerKeyStrings.label, key)
  await phone.page.click('button', ownerKeyStrings.submit)
  await phone.isWith([alice.name])
  await phone.chooseRule(strings.people.rules.open)
  await reads(alice, strings.notice({ type: 'rule-open' }))
})

const reads = (person: Person, words: string): Promise<unknown> =>
  person.page.waitFor((each) => document.body.innerText.includes(each), words, {
    what: `${person.name} reading "${words}"`,
  })

// Runs in the page and must not refer to anything outside of itself.
function readTexts(): string {
  const stores = [localStorage, sessionStorage].map((store) => Object.entries(store))
  return JSON.stringify([stores, history.state, document.title])
}
