/** The app below a path, behind a proxy. */
import { expect, findLeaks, test } from './fixtures.ts'
import { findFreePort, Hub } from './hub.ts'
import { keepsBuild, says } from './page-facts.ts'
import { startProxy } from './proxy.ts'
import { strings } from '../src/ui/strings.ts'

for (const { title, strips } of [
  { title: 'takes out of the requests', strips: true },
  { title: 'leaves in the requests', strips: false },
] as const) {
  test(`[H35] below a path that the proxy ${title}, people make a room and call`, async ({
    meet,
  }) => {
    const port = await findFreePort()
    const path = '/team/meet/'
    const origin = `http://localhost:${port}`
    const hub = await Hub.start({ origin, ...(strips ? {} : { basePath: path }) })
    const proxy = await startProxy({ port, hubPort: hub.port, path, strips })
    try {
      const alice = await meet('Alice-Kingfisher')
      const carol = await meet('Carol-Goldfinch', { browser: 'firefox' })
      const link = await alice.makeRoom(`${origin}${path.slice(0, -1)}`)
      expect(link).toMatch(/:\d+\/team\/meet\/r\/[\w-]{22}#[\w-]{64}$/)
      await alice.join(link)
      await carol.page.goto(`${link}.`)
      await carol.page.see('textbox', 'Your name')
      expect(carol.page.url()).toBe(link)
      await carol.join(link)
      await Promise.all([alice.sees(carol.name), carol.sees(alice.name), carol.hears(alice.name)])
      await alice.say('sent below a path')
      await carol.reads('sent below a path')

      // A reload comes back; other pages and files are found from every depth.
      await carol.page.reload()
      await carol.inCall()
      await carol.leave()
      for (const [address, heading] of [
        [`${path}elsewhere`, 'There is nothing here'],
        [`${path}a/b`, 'There is nothing here'],
        [`${path}r/short/`, 'This link does not open a room'],
      ] as const) {
        await carol.page.goto(origin + address)
        await carol.page.see('heading', heading)
      }
      await carol.page.goto(`${origin}${path}`)
      await carol.page.fill('Have a link? Paste it', `Join: ${link}, at nine`)
      await carol.page.press('Enter')
      await carol.page.see('textbox', 'Your name')
      expect(carol.page.url()).toBe(link)
      const outside = [...alice.page.requests, ...carol.page.requests].filter(
        (url) =>
          new URL(url).host === `localhost:${port}` && !new URL(url).pathname.startsWith(path),
      )
      // Browsers ask for a favicon of the site by themselves.
      expect(outside.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([])
      expect(findLeaks(hub, [alice, carol])).toEqual([])

      // The service worker rules this path and no other, and takes a proxy's 502 for a server that is away.
      for (const { page } of [alice, carol]) {
        await keepsBuild(page)
        const scopes = await page.evaluate(
          async () => (await navigator.serviceWorker.getRegistrations()).map((each) => each.scope),
          null,
        )
        expect(scopes).toEqual([origin + path])
      }
      await hub.kill()
      await carol.page.reload()
      await says(carol.page, strings.serverWasAway)
      expect(carol.page.url()).toBe(link)
    } finally {
      proxy.close()
      await hub.stop()
    }
  })
}
