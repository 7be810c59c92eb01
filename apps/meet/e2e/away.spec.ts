/** People whose connection is lost for a while, and what they find when they are back. */
import { strings } from '../src/ui/strings.ts'
import { expect, test } from './fixtures.ts'
import { goOffline, goOnline, mayGoOffline } from './offline.ts'
import type { Person } from './person.ts'

test('somebody whose device is gone is shown as away, calmly', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch', { before: [mayGoOffline] })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])

  await goOffline(bob.page, { media: true })
  await shows(alice, strings.call.away)
  await alice.isWith([bob.name])
  await alice.page.click('button', 'People')
  await shows(alice, `(${strings.people.away})`)
  await alice.page.click('button', 'Close')
  for (const alarm of [
    strings.call.unreachable,
    strings.call.failed,
    strings.protection.unverified,
  ]) {
    expect(await alice.page.evaluate(hasText, alarm)).toBe(false)
  }
})

test('somebody who was away reads what was written meanwhile, where it belongs', async ({
  hub,
  meet,
}) => {
  test.setTimeout(240_000)
  const alice = await meet('Alice-Kingfisher', { devices: 'none' })
  const bob = await meet('Bob-Nuthatch', { browser: 'firefox', before: [mayGoOffline] })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.openChat()
  await shows(alice, strings.chat.emptyKept)
  await bob.join(link)
  await bob.openChat()
  await shows(bob, strings.chat.emptyKept)
  await alice.say('the heron stands at the weir')
  await bob.reads('the heron stands at the weir')

  await goOffline(bob.page, { media: false })
  // After a minute and a half nobody waits for Bob any longer, and what is written is not for him.
  await alice.isWith([], 120_000)
  await alice.say('the otter is under the bridge')
  await alice.say('the kingfisher is back')
  await goOnline(bob.page)
  await alice.isWith([bob.name])
  await bob.reads('the kingfisher is back', 40_000)
  await alice.say('the swan sleeps')
  await bob.reads('the swan sleeps')
  await shows(bob, strings.chat.passedOnMeanwhile(alice.name))
  expect(await bob.page.evaluate(hasText, strings.chat.missed(2))).toBe(false)
  expect(await bob.page.evaluate(order, null)).toEqual([
    'the heron stands at the weir',
    'the otter is under the bridge',
    'the kingfisher is back',
    'the swan sleeps',
  ])
})

const shows = (person: Person, text: string): Promise<unknown> =>
  person.page.waitFor(hasText, text, {
    what: `${person.name} seeing "${text}"`,
    timeoutMs: 30_000,
  })

// The functions below run in the page.

function hasText(text: string): boolean {
  return document.body.innerText.includes(text)
}

function order(): string[] {
  return [...document.querySelectorAll('.message-bubble')].map((row) => row.textContent)
}
