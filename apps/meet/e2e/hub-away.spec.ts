/** A call while its hub is down and after it comes back. */
import { expect, test } from './fixtures.ts'

test('a hub that is killed and started again loses and duplicates no message', async ({
  hub,
  meet,
}) => {
  test.setTimeout(150_000)
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])
  await ada.say('before the hub dies')
  await bob.reads('before the hub dies')

  await hub.kill()
  await Promise.all([ada.page, bob.page].map((page) => page.waitFor(isReconnecting, null)))
  // Media does not pass the hub: it goes on, and nobody is thrown out.
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])
  await bob.hears(ada.name)
  await ada.isWith([bob.name])
  await ada.say('written by Ada while it is away')
  await bob.say('written by Bob while it is away')

  await hub.restart()
  await Promise.all([
    bob.reads('written by Ada while it is away', 30_000),
    ada.reads('written by Bob while it is away', 30_000),
  ])
  await Promise.all([ada.page, bob.page].map((page) => page.waitFor(isConnected, null)))
  await ada.say('after the hub came back')
  await bob.reads('after the hub came back')
  for (const text of [
    'before the hub dies',
    'written by Ada while it is away',
    'written by Bob while it is away',
    'after the hub came back',
  ]) {
    expect(await ada.timesInChat(text)).toBe(1)
    expect(await bob.timesInChat(text)).toBe(1)
  }
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])

  // Signalling works again: somebody new gets into the call.
  const cleo = await meet('Cleo-Woodlark')
  await cleo.join(link)
  await Promise.all([cleo.sees(ada.name), cleo.sees(bob.name), ada.sees(cleo.name)])
})

test('[R4] a hub that stands still is told, the call goes on, and no message is lost', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const bob = await meet('Bob-Nuthatch', { browser: 'firefox' })
  const link = await ada.makeRoom(hub.origin)
  await ada.join(link)
  await bob.join(link)
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])

  hub.freeze()
  // 9 s, and what a busy machine adds; a probe after 30 s of silence would come too late.
  const options = { timeoutMs: 15_000, what: 'the words for a server that is away' }
  await Promise.all([ada.page, bob.page].map((page) => page.waitFor(isReconnecting, null, options)))
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name), bob.hears(ada.name)])
  await ada.say('written while the hub stands still')

  hub.thaw()
  await bob.reads('written while the hub stands still', 30_000)
  await Promise.all([ada.page, bob.page].map((page) => page.waitFor(isConnected, null)))
  await Promise.all([ada.isWith([bob.name]), bob.isWith([ada.name])])
  await Promise.all([ada.sees(bob.name), bob.sees(ada.name)])
})

test('joining while the hub is away waits, and joins by itself when it is back', async ({
  hub,
  meet,
}) => {
  const ada = await meet('Ada-Kingfisher')
  const link = await ada.makeRoom(hub.origin)
  await ada.page.fill('Your name', ada.name)
  await hub.kill()
  await ada.page.click('button', 'Join')
  await ada.page.waitFor(() => document.body.innerText.includes('cannot be reached'), null)
  await hub.restart()
  await ada.inCall(30_000)
  expect(ada.page.url()).toBe(link)
})

function isReconnecting(): boolean {
  return [...document.querySelectorAll('[role="status"]')].some((each) =>
    each.textContent.includes('The call goes on.'),
  )
}

function isConnected(): boolean {
  return (
    document.querySelector('ul[aria-label="Participants"]') !== null &&
    ![...document.querySelectorAll('[role="status"]')].some((each) =>
      each.textContent.includes('The call goes on.'),
    )
  )
}
