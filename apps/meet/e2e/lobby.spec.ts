/** The lobby, with a call behind it. */
import { strings } from '../src/ui/strings.ts'
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'

for (const browser of ['chromium', 'firefox'] as const) {
  test(`the lobby in ${browser} says who is in the call, and the call does not see who looks`, async ({
    hub,
    meet,
  }) => {
    const alice = await meet('Alice-Kingfisher')
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    const carol = await meet('Carol-Goldfinch', { browser })
    await carol.page.goto(link)
    await shows(carol.page, strings.lobby.inside([alice.name], 1))
    const bob = await meet('Bob-Nuthatch')
    await bob.join(link)
    await alice.isWith([bob.name])
    await carol.page.waitFor(
      (names) => names.every((name) => document.body.innerText.includes(name)),
      [alice.name, bob.name],
      { what: 'both names in the lobby' },
    )
    await alice.isWith([bob.name])
    await bob.leave()
    await shows(carol.page, strings.lobby.inside([alice.name], 1))
    await carol.join(link)
    await Promise.all([alice.isWith([carol.name]), carol.isWith([alice.name])])
  })
}

test('the lobby of an empty room names nobody', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await bob.page.goto(link)
  await bob.page.see('textbox', 'Your name')
  await alice.join(link)
  await shows(bob.page, strings.lobby.inside([alice.name], 1))
  await alice.leave()
  await bob.page.waitFor((name) => !document.body.innerText.includes(name), alice.name, {
    what: 'the name to go',
    timeoutMs: 30_000,
  })
  expect(
    await bob.page.evaluate(() => document.querySelector('.lobby-inside')?.textContent, null),
  ).toBe('')
})

const shows = async (page: Page, text: string): Promise<void> => {
  await page.waitFor((words) => document.body.innerText.includes(words), text, {
    what: `"${text}"`,
    timeoutMs: 30_000,
  })
}
