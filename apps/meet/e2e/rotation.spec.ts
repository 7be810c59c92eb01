/** A call whose hub dies while its members change their keys. */
import { isConnected, isReconnecting } from './connection-words.ts'
import { expect, test } from './fixtures.ts'

// Those who stay give each other new keys: the hub dies with the first of these that it gets, or with the second.
for (const messages of [1, 2]) {
  test(`[R47, R52] chat and media survive a hub that is killed in the middle of a rotation, with message ${messages} of it`, async ({
    hub,
    meet,
  }) => {
    test.setTimeout(150_000)
    const alice = await meet('Alice-Kingfisher')
    const bob = await meet('Bob-Nuthatch', { browser: 'firefox' })
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    await bob.join(link)
    const carol = await meet('Carol-Woodlark')
    await carol.join(link)
    await Promise.all([alice.isWith([bob.name, carol.name]), bob.isWith([alice.name, carol.name])])
    await Promise.all([alice.sees(bob.name), bob.sees(alice.name), bob.hears(alice.name)])
    await alice.say('before Carol leaves')
    await bob.reads('before Carol leaves')

    const { died } = await hub.willDie(messages)
    await carol.leave()
    await died
    await Promise.all([alice, bob].map(({ page }) => page.waitFor(isReconnecting, null)))
    await alice.say('written by Alice while it is away')
    await bob.say('written by Bob while it is away')

    await hub.restart()
    await Promise.all([
      bob.reads('written by Alice while it is away', 30_000),
      alice.reads('written by Bob while it is away', 30_000),
    ])
    await Promise.all([alice, bob].map(({ page }) => page.waitFor(isConnected, null)))
    await Promise.all([alice.isWith([bob.name]), bob.isWith([alice.name])])
    await Promise.all([alice.sees(bob.name), bob.sees(alice.name)])
    await Promise.all([alice.hears(bob.name), bob.hears(alice.name)])
    for (const person of [alice, bob]) {
      for (const text of ['before Carol leaves', 'while it is away']) {
        const times = text === 'while it is away' ? 2 : 1
        expect(await person.timesInChat(text), `${person.name}: ${text}`).toBe(times)
      }
    }
  })
}
