/** Persons: others know a browser again, compare whom they see, and remember whom they confirmed. */
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'
import type { Person } from './person.ts'

for (const browser of ['chromium', 'firefox'] as const) {
  test(`${browser}: people see one code and confirm each other, and a reload keeps colour and confirmation on both sides`, async ({
    hub,
    meet,
  }) => {
    const alice = await meet('Alice-Kingfisher', { browser })
    const bob = await meet('Bob-Nuthatch', { browser })
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    await bob.join(link)
    await alice.isWith([bob.name])
    const [atAlice, atBob] = [await codeOf(alice), await codeOf(bob)]
    expect(atAlice).toBe(atBob)
    expect(await alice.page.evaluate(directionOfCode, null)).toBe('ltr')
    await alice.page.click('button', `Confirm ${bob.name}`)
    await alice.page.waitFor(isMarked, bob.name)
    const hue = await hueOn(alice.page, bob.name)

    await bob.page.reload()
    await bob.inCall()
    await alice.isWith([bob.name])
    await alice.page.waitFor(isMarked, bob.name)
    expect(await hueOn(alice.page, bob.name)).toBe(hue)
    const again = await codeOf(alice)
    expect(again).not.toBe(atAlice)
    expect(await codeOf(bob)).toBe(again)

    const own = await hueOn(bob.page, alice.name)
    await alice.page.reload()
    await alice.inCall()
    await alice.isWith([bob.name])
    await alice.page.waitFor(isMarked, bob.name)
    expect(await hueOn(bob.page, alice.name)).toBe(own)
  })

  test(`${browser}: a second tab is shown as this person, in the same colour, and to others as one person twice`, async ({
    hub,
    meet,
  }) => {
    const alice = await meet('Alice-Kingfisher', { browser })
    const bob = await meet('Bob-Nuthatch', { browser })
    const link = await alice.makeRoom(hub.origin)
    await alice.join(link)
    await bob.join(link)
    await alice.isWith([bob.name])
    const tab = await alice.page.openTab()
    await tab.goto(link)
    await tab.fill('Your name', alice.name)
    await tab.click('button', 'Join')
    await tab.see('button', 'Leave')
    const second = `${alice.name} 2`
    await alice.isWith([bob.name, second])
    expect(await alice.page.evaluate(labelOf, second)).toBe('You, elsewhere')
    expect(await alice.page.evaluate(labelOf, bob.name)).toBe('')
    await bob.isWith([alice.name, second])
    expect(await bob.page.evaluate(labelOf, second)).toBe('')
    expect(await hueOn(bob.page, second)).toBe(await hueOn(bob.page, alice.name))
  })
}

test('somebody else under the name of a confirmed person is told', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const bob = await meet('Bob-Nuthatch')
  const link = await alice.makeRoom(hub.origin)
  await alice.join(link)
  await bob.join(link)
  await alice.isWith([bob.name])
  await codeOf(alice)
  await alice.page.click('button', `Confirm ${bob.name}`)
  await alice.page.waitFor(isMarked, bob.name)
  await bob.leave()
  await alice.isWith([])
  const mallory = await meet(bob.name)
  await mallory.join(link)
  await alice.page.waitFor(
    () => document.body.innerText.includes('is not the person that you confirmed'),
    null,
  )
  expect(await alice.page.evaluate(isMarked, bob.name)).toBe(false)
})

/** Opens the dialog with the code, and waits for it. */
async function codeOf({ page }: Person): Promise<string> {
  if (!(await page.evaluate(isCodeOpen, null))) {
    await page.click('button', 'End-to-end encrypted')
    await page.click('button', 'Check who is here')
    await page.see('dialog', 'Check who is here')
  }
  return page.waitFor(readCode, null, { what: 'a code' })
}

/** The hue of somebody's tile. */
const hueOn = (page: Page, name: string): Promise<string> =>
  page.waitFor(hueOf, name, { what: `a colour of ${name}` })

// The functions below run in the page and must not refer to anything outside of themselves.

function isCodeOpen(): boolean {
  return document.querySelector('dialog[open] .room-code') !== null
}

function readCode(): string {
  return document.querySelector('.room-code-digits > [aria-hidden]')?.textContent ?? ''
}

/** The groups of the code would change places in a page that is written from right to left. */
function directionOfCode(): string {
  document.documentElement.dir = 'rtl'
  const code = document.querySelector('.room-code-digits > [aria-hidden]')
  const { direction } = getComputedStyle(code ?? document.body)
  document.documentElement.dir = ''
  return direction
}

function isMarked(name: string): boolean {
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  const item = items.find((each) => each.querySelector('[dir="auto"]')?.textContent === name)
  return item?.querySelector('.is-confirmed') !== null && item !== undefined
}

function labelOf(name: string): string {
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  const item = items.find((each) => each.querySelector('[dir="auto"]')?.textContent === name)
  return item?.querySelector('.tile-you')?.textContent ?? ''
}

function hueOf(name: string): string {
  const items = [...document.querySelectorAll('ul[aria-label="Participants"] > li')]
  const item = items.find((each) => each.querySelector('[dir="auto"]')?.textContent === name)
  return item?.querySelector<HTMLElement>('.tile')?.style.getPropertyValue('--hue') ?? ''
}
