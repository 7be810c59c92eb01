/** Links as mail and chat programs change them, and addresses that mean nothing. */
import { expect, test } from './fixtures.ts'

for (const [title, behind] of [
  ['a full stop', '.'],
  ['a bracket', ')'],
  ['an escaped bracket', '%3E'],
] as const) {
  test(`a link with ${title} behind it opens its room`, async ({ hub, meet }) => {
    const alice = await meet('Alice-Kingfisher')
    const link = await alice.makeRoom(hub.origin)
    const bob = await meet('Bob-Nuthatch')
    await bob.page.goto(link + behind)
    await bob.page.see('textbox', 'Your name')
    expect(bob.page.url()).toBe(link)
  })
}

test('a link is pasted with its surroundings', async ({ hub, meet }) => {
  const alice = await meet('Alice-Kingfisher')
  const link = await alice.makeRoom(hub.origin)
  const bob = await meet('Bob-Nuthatch')
  for (const text of [`<${link}>`, `Join: ${link}, see you`, link.replace('http://', '')]) {
    await bob.page.goto(`${hub.origin}/`)
    await bob.page.fill('Have a link? Paste it', text)
    await bob.page.press('Enter')
    await bob.page.see('textbox', 'Your name')
    expect(bob.page.url()).toBe(link)
  }
})

test('a link whose secret went to the server is called burnt, and a new room is offered', async ({
  hub,
  meet,
}) => {
  const { page } = await meet('Alice-Shrike')
  const secret = 'q9_-Zr4vT1yUe8iWo7pA6sDf5gHj3kLz2xCv0bNm1QE'
  await page.goto(`${hub.origin}/r/x7Xv-1_kQ0mB3nYp5rTz2A%23${secret}`)
  await page.see('heading', 'This link does not open a room')
  expect(await page.evaluate(() => document.body.innerText, null)).toContain('Make a new room')
  expect(page.url()).not.toContain(secret)
  await page.click('button', 'New room')
  await page.see('textbox', 'Your name')
})

test('an unknown address shows the page of the app', async ({ hub, meet }) => {
  const { page } = await meet('Alice-Shrike')
  await page.goto(`${hub.origin}/elsewhere`)
  await page.see('heading', 'There is nothing here')
  await page.goto(`${hub.origin}/r/`)
  await page.see('heading', 'This link does not open a room')
})

test('the page names itself to those who preview or install it', async ({ hub, meet }) => {
  const { page } = await meet('Alice-Shrike')
  await page.goto(`${hub.origin}/`)
  const found = await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]')
    const manifest = await fetch(link?.href ?? '')
    return {
      title: document.querySelector('meta[property="og:title"]')?.getAttribute('content'),
      type: manifest.headers.get('content-type'),
      manifest: (await manifest.json()) as unknown,
    }
  }, null)
  expect(found.title).toContain('end-to-end encrypted')
  expect(found.type).toBe('application/manifest+json')
  expect(found.manifest).toMatchObject({ name: 'Conclave', start_url: './', display: 'standalone' })
})
