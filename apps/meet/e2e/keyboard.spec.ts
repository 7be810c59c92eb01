/** A call with nothing but the keyboard. */
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'

test('a room is made, joined, talked in and left without a mouse', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const { page } = alice
  await page.goto(`${hub.origin}/`)
  await page.see('button', 'New room')
  await reach(page, 'New room')
  await page.press('Enter')
  await page.see('textbox', 'Your name')
  await reach(page, 'Your name')
  await page.type(alice.name)
  await page.press('Enter')
  await alice.inCall()

  const bob = await meet('Bob-Nuthatch')
  await bob.join(page.url())
  await bob.hears(alice.name)
  await reach(page, 'Mic')
  await page.press('Space')
  await expect.poll(() => bob.loudness(alice.name)).toBe(0)

  await reach(page, 'Chat')
  await page.press('Enter')
  await reach(page, 'Message')
  await page.type('typed and sent by keys')
  alice.secrets.add('typed and sent by keys')
  await page.press('Enter')
  await bob.reads('typed and sent by keys')

  await reach(page, 'Leave')
  await page.press('Enter')
  await page.see('button', 'Rejoin')
  await bob.isWith([])
})

test('the focus follows every change of the screen, and nothing takes it away', async ({
  hub,
  meet,
}) => {
  const alice = await meet('Alice-Kingfisher')
  const { page } = alice
  await page.goto(`${hub.origin}/`)
  await reach(page, 'New room')
  await page.press('Enter')
  await hasFocus(page, 'Your name')
  const link = page.url()
  await page.type(alice.name)

  // Joining that waits: from the button to the one that ends it, and back.
  await hub.kill()
  await reach(page, 'Join')
  await page.press('Enter')
  await hasFocus(page, 'Cancel')
  await page.press('Enter')
  await hasFocus(page, 'Join')
  await hub.restart()
  await page.press('Enter')
  await alice.inCall(30_000)
  // The call itself: the next press of Tab reaches its first control.
  await page.waitFor(() => document.activeElement?.tagName === 'MAIN', null)

  await reach(page, 'Settings')
  await page.press('Enter')
  await page.see('dialog', 'Settings')
  await page.waitFor(() => document.querySelector('dialog[open]:focus-within') !== null, null)
  await page.press('Escape')
  await hasFocus(page, 'Settings')
  await reach(page, 'Chat')
  await page.press('Enter')
  await page.see('log', 'Chat')
  await reach(page, 'Message')

  // What others do and what the app has to say leaves it where it is.
  await page.type('half a sent')
  const bob = await meet('Bob-Nuthatch')
  await bob.join(link)
  await bob.say('good morning')
  await alice.reads('good morning')
  // The notice goes away by itself: it is waited for from before it comes.
  const told = page.waitFor(
    () => [...document.querySelectorAll('.notices')].some((each) => each.textContent !== ''),
    null,
  )
  await bob.leave()
  await told
  await page.type('ence')
  await hasFocus(page, 'Message')
  expect(await page.evaluate(valueOfFocused, null)).toBe('half a sentence')

  await page.evaluate(() => history.back(), null)
  await page.see('dialog', 'Leave the call?')
  await hasFocus(page, 'Stay')
  await page.press('Enter')
  await hasFocus(page, 'Message')
  await reach(page, 'Close chat')
  await page.press('Enter')
  await hasFocus(page, 'Chat')
  await reach(page, 'Leave')
  await page.press('Enter')
  await hasFocus(page, 'You left')
  await reach(page, 'Rejoin')
  await page.press('Enter')
  await alice.inCall()
  await page.waitFor(() => document.activeElement?.tagName === 'MAIN', null)
})

const hasFocus = async (page: Page, name: string): Promise<void> => {
  await expect.poll(() => page.evaluate(nameOfFocused, null)).toBe(name)
}

/** Presses Tab until what has this name has the focus; it must come round within one turn. */
const reach = async (page: Page, name: string): Promise<void> => {
  const passed: string[] = []
  for (let presses = 0; presses < 40; presses++) {
    const focused = await page.evaluate(nameOfFocused, null)
    if (focused === name) return
    passed.push(focused)
    await page.press('Tab')
  }
  throw new Error(`the keyboard does not reach "${name}", only: ${passed.join(', ')}`)
}

// Runs in the page and must not refer to anything outside of itself.
function nameOfFocused(): string {
  const element = document.activeElement
  const label =
    element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
      ? element.labels?.[0]?.textContent
      : undefined
  return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim()
}

function valueOfFocused(): string | undefined {
  const element = document.activeElement
  return element instanceof HTMLTextAreaElement ? element.value : undefined
}
