/** Messages from before somebody came, passed on by those who are in the call. */
import { strings } from '../src/ui/strings.ts'
import { expect, test } from './fixtures.ts'
import type { Person } from './person.ts'

for (const browser of ['chromium', 'firefox'] as const) {
  test(`in ${browser}, who comes later or reloads reads what was written while the call lasts`, async ({
    hub,
    meet,
  }) => {
    const alice = await meet('Alice-Kingfisher')
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    await alice.openChat()
    await shows(alice, strings.chat.emptyKept)
    await alice.say('the heron stands at the weir')

    const bob = await meet('Bob-Nuthatch', { browser })
    await bob.join(link)
    // Beside the call the chat opens by itself.
    await bob.reads('the heron stands at the weir')
    await shows(bob, strings.chat.passedOn(alice.name))
    await bob.say('the otter is under the bridge')
    await alice.reads('the otter is under the bridge')

    await bob.page.reload()
    await bob.inCall()
    await bob.reads('the heron stands at the weir')
    await bob.reads('the otter is under the bridge')
    await bob.page.waitFor(isOwn, 'the otter is under the bridge', {
      what: 'the message being Bob’s own after the reload',
    })
    expect(await bob.timesInChat('the otter is under the bridge')).toBe(1)
    await alice.say('the kingfisher is back')
    await bob.reads('the kingfisher is back')
    expect(await bob.timesInChat('the heron stands at the weir')).toBe(1)
  })
}

test('a member passes on what somebody wrote who has left', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await alice.openChat()
  await shows(alice, strings.chat.emptyKept)
  await bob.join(link)
  await bob.openChat()
  await shows(bob, strings.chat.emptyKept)
  await alice.say('the heron stands at the weir')
  await bob.reads('the heron stands at the weir')
  await alice.leave()
  await bob.isWith([])
  const carol = await meet('Carol-Goldfinch')
  await carol.join(link)
  await carol.reads('the heron stands at the weir')
  await shows(carol, strings.chat.passedOn(bob.name))
  await shows(carol, alice.name)
})

const shows = (person: Person, text: string): Promise<unknown> =>
  person.page.waitFor((words) => document.body.innerText.includes(words), text, {
    what: `${person.name} seeing "${text}"`,
    timeoutMs: 30_000,
  })

/** Runs in the page: whether a message stands among one's own. */
function isOwn(text: string): boolean {
  return [...document.querySelectorAll('.message.is-own')].some((row) =>
    row.textContent.includes(text),
  )
}
