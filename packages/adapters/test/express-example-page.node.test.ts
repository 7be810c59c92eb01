/** The page of examples/02-keys-from-your-server, twice in a real Chromium. */
import { chromium } from 'playwright'
import { expect, test } from 'vitest'
import { startWorld } from '../../../examples/02-keys-from-your-server/world.ts'
import { chromiumArgs, findChromium } from '../../../tools/browsers.ts'

test('[T18, T24, T70] two pages talk, say that your server can read this, and the carrier reads who types', async () => {
  const world = await startWorld()
  const browser = await chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: [...chromiumArgs],
  })
  try {
    const complaints: string[] = []
    const enter = async (name: string) => {
      const page = await (await browser.newContext()).newPage()
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(world.origin)
      await page.getByText('Your server can read this.').waitFor()
      await page.getByLabel('Your name').fill(name)
      await page.getByRole('button', { name: 'Enter' }).click()
      await page.getByLabel('Message').waitFor()
      return page
    }
    const [alice, bob] = [await enter('alice'), await enter('bob')]
    await alice.getByLabel('Message').fill('meet me at the kingfisher')
    await bob.getByText('Somebody is typing.').waitFor()
    await alice.getByRole('button', { name: 'Send' }).click()
    await bob.getByText('alice: meet me at the kingfisher').waitFor()
    await alice.getByText('alice: meet me at the kingfisher').waitFor()
    const seen = world.carrier.seen.join('\n')
    expect(seen).toContain('"event":"client-typing","data":true')
    expect(seen).not.toContain('kingfisher')
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
    await world.close()
  }
})
