/** The door of a call: asking, letting in, refusing, taking out, and closing the door. */
import { strings } from '../src/ui/strings.ts'
import { expect, test } from './fixtures.ts'

test('a newcomer waits until the host lets them in', async ({ hub, meet }) => {
  const [alice, bob, carol] = [
    await meet('Alice-Kingfisher'),
    await meet('Bob-Nightjar'),
    await meet('Carol-Goldcrest'),
  ]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await alice.chooseRule('People who have the link and are let in')
  await carol.asks(link)
  await carol.page.see('heading', 'You asked to come in')
  await alice.page.see('button', 'Let in')
  expect(await alice.page.evaluate(() => document.body.innerText, null)).toContain(
    'Carol-Goldcrest wants to come in.',
  )
  await bob.page.waitFor(
    () => document.body.innerText.includes('Carol-Goldcrest waits to be let in.'),
    null,
  )
  await alice.isWith([bob.name])
  await alice.page.click('button', 'Let in')
  await carol.inCall()
  await Promise.all([
    alice.isWith([bob.name, carol.name]),
    bob.isWith([alice.name, carol.name]),
    carol.isWith([alice.name, bob.name]),
  ])
  await carol.sees(bob.name)
  // A reload is the same person, who was let in.
  await carol.page.reload()
  await carol.inCall()
  await alice.isWith([bob.name, carol.name])
})

test('a refused newcomer reads so, and may ask again', async ({ hub, meet }) => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nightjar')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.chooseRule('People who have the link and are let in')
  await bob.asks(link)
  await alice.page.click('button', 'Refuse')
  await bob.page.see('heading', 'You were not let in')
  await bob.page.click('button', 'Rejoin')
  await bob.page.see('heading', 'You asked to come in')
  await alice.page.click('button', 'Let in')
  await bob.isWith([alice.name])
})

test('a closed call lets nobody in until it is open again', async ({ hub, meet }) => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nightjar')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.chooseRule('Nobody else')
  await bob.asks(link)
  await bob.page.see('heading', 'Nobody can come in now')
  await bob.page.click('button', 'Leave')
  await bob.page.see('button', 'Rejoin')
  // A reload is the owner still, and an empty room has its rule again.
  await alice.page.reload()
  await alice.inCall()
  await bob.page.click('button', 'Rejoin')
  await bob.page.see('heading', 'Nobody can come in now')
  await alice.chooseRule('Everybody who has the link')
  await bob.isWith([alice.name])
})

test('a host takes somebody out, who must ask from then on', async ({ hub, meet }) => {
  const [alice, bob] = [await meet('Alice-Kingfisher'), await meet('Bob-Nightjar')]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await alice.page.click('button', 'People')
  await alice.page.click('button', `Take ${bob.name} out of the call`)
  await alice.page.click('button', 'Take out')
  await bob.page.see('heading', 'You were taken out of the call')
  await alice.isWith([])
  await bob.page.click('button', 'Rejoin')
  await bob.page.see('heading', 'You asked to come in')
})

test('a new link takes everyone along, and the old one lets nobody in', async ({ hub, meet }) => {
  const [alice, bob, carol] = [
    await meet('Alice-Kingfisher'),
    await meet('Bob-Nightjar'),
    await meet('Carol-Goldcrest'),
  ]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await alice.page.click('button', 'People')
  await alice.page.click('button', 'New link')
  await bob.page.waitFor((old) => location.href !== old, link, { what: 'the new link' })
  await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
  const next = alice.page.url()
  expect(bob.page.url()).toBe(next)
  expect(new URL(next).pathname).not.toBe(new URL(link).pathname)
  bob.secrets.add(new URL(next).hash.slice(1, 43))
  await carol.join(link)
  await carol.isWith([])
  await carol.join(next)
  await carol.isWith([alice.name, bob.name])
})

test('the maker of a room lets somebody else let in, too', async ({ hub, meet }) => {
  const [alice, bob, carol] = [
    await meet('Alice-Kingfisher'),
    await meet('Bob-Nightjar'),
    await meet('Carol-Goldcrest'),
  ]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await alice.page.click('button', 'People')
  await alice.page.click('checkbox', `${bob.name} may let in and take out`)
  await alice.page.click('radio', 'People who have the link and are let in')
  await carol.asks(link)
  await bob.page.click('button', 'Let in')
  await carol.isWith([alice.name, bob.name])
})

test('after everybody has left, the maker who comes back restores the rule and who else lets in', async ({
  hub,
  meet,
}) => {
  test.setTimeout(150_000)
  const [alice, bob, carol] = [
    await meet('Alice-Kingfisher'),
    await meet('Bob-Nightjar'),
    await meet('Carol-Goldcrest'),
  ]
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await alice.page.click('button', 'People')
  await alice.page.click('checkbox', strings.people.makeHostNamed(bob.name))
  await alice.page.click('radio', strings.people.rules.ask)
  await bob.page.waitFor(
    (words) => document.body.innerText.includes(words),
    'From now on newcomers must be let in.',
  )
  await alice.page.click('button', 'Close')
  await bob.leave()
  await alice.isWith([])
  await alice.leave()
  await alice.page.see('button', 'Rejoin')
  await alice.page.reload()
  await alice.join(link)
  await bob.page.click('button', 'Rejoin')
  await bob.isWith([alice.name])
  await carol.asks(link)
  await carol.page.see('heading', 'You asked to come in')
  await bob.page.click('button', 'Let in')
  await carol.isWith([alice.name, bob.name])
})
