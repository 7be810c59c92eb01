/** A call with nothing but the keyboard. */
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'

test('a room is made, joined, talked in and left without a mouse', async ({ hub, meet }) => {
  const ada = await meet('Ada-Kingfisher')
  const { page } = ada
  await page.goto(`${hub.origin}/`)
  await page.see('button', 'New room')
  await reach(page, 'New room')
  await page.press('Enter')
  await page.see('textbox', 'Your name')
  await reach(page, 'Your name')
  await page.type(ada.name)
  await page.press('Enter')
  await ada.inCall()

  const bob = await meet('Bob-Nuthatch')
  await bob.join(page.url())
  await bob.hears(ada.name)
  await reach(page, 'Microphone')
  await page.press('Space')
  await expect.poll(() => bob.loudness(ada.name)).toBe(0)

  await reach(page, 'Chat')
  await page.press('Enter')
  await reach(page, 'Message')
  await page.type('typed and sent by keys')
  ada.secrets.add('typed and sent by keys')
  await page.press('Enter')
  await bob.reads('typed and sent by keys')

  await reach(page, 'Leave')
  await page.press('Enter')
  await page.see('button', 'Rejoin')
  await bob.isWith([])
})

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
  const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined
  return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim()
}
