/** A call while its hub is down and after it comes back. */
import { isConnected, isReconnecting } from './connection-words.ts'
import { expect, test } from './fixtures.ts'

test('a hub that is killed and started again loses and duplicates no message', async ({
  hub,
  meet,
}) => {
  test.setTimeout(150_000)
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
  await alice.say('before the hub dies')
  await bob.reads('before the hub dies')

  await hub.kill()
  await Promise.all([alice.page, bob.page].map((page) => page.waitFor(isReconnecting, null)))
  // Media does not pass the hub: it goes on, and nobody is thrown out.
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
  await bob.hears(alice.name)
  await alice.isWith([bob.name])
  await alice.say('written by Alice while it is away')
  await bob.say('written by Bob while it is away')

  await hub.restart()
  await Promise.all([
    bob.reads('written by Alice while it is away', 30_000),
    alice.reads('written by Bob while it is away', 30_000),
  ])
  await Promise.all([alice.page, bob.page].map((page) => page.waitFor(isConnected, null)))
  await alice.say('after the hub came back')
  await bob.reads('after the hub came back')
  for (const text of [
    'before the hub dies',
    'written by Alice while it is away',
    'written by Bob while it is away',
    'after the hub came back',
  ]) {
    expect(await alice.timesInChat(text)).toBe(1)
    expect(await bob.timesInChat(text)).toBe(1)
  }
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])

  // Signalling works again: somebody new gets into the call.
  const carol = await meet('Carol-Woodlark')
  await carol.join(link)
  await Promise.all([carol.sees(alice.name), carol.sees(bob.name), alice.sees(carol.name)])
})

test('[R4] a hub that stands still is told, the call goes on, and no message is lost', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch', { browser: 'firefox' })
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])

  hub.freeze()
  // 9 s, and what a busy machine adds; a probe after 30 s of silence would come too late.
  const options = { timeoutMs: 15_000, what: 'the words for a server that is away' }
  await Promise.all(
    [alice.page, bob.page].map((page) => page.waitFor(isReconnecting, null, options)),
  )
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name), bob.hears(alice.name)])
  await alice.say('written while the hub stands still')

  hub.thaw()
  await bob.reads('written while the hub stands still', 30_000)
  await Promise.all([alice.page, bob.page].map((page) => page.waitFor(isConnected, null)))
  await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
  await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
})

test('joining while the hub is away waits, and joins by itself when it is back', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  await alice.page.fill('Your name', alice.name)
  await hub.kill()
  await alice.page.click('button', 'Join')
  await alice.page.waitFor(() => document.body.innerText.includes('cannot be reached'), null)
  await hub.restart()
  await alice.inCall(30_000)
  expect(alice.page.url()).toBe(link)
})
