/** The page of examples/08-whiteboard in Chromium and Firefox, over a real hub and under its strict policy. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../../tools/prepare.mjs'
import type { Page } from './browsers/page.ts'
import { expect, findLeaks, test } from './fixtures.ts'
import { Hub } from './hub.ts'

test('somebody who comes later in another browser gets the board and draws on it, and a name with markup is text', async ({
  meet,
}) => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const outDir = mkdtempSync(join(root, '.cache/whiteboard-'))
  const folder = join(root, 'examples/08-whiteboard')
  await build({
    ...{ configFile: false, root: folder, logLevel: 'error', worker: { format: 'es' } },
    build: { outDir, emptyOutDir: true },
  })
  const hub = await Hub.start({ app: outDir })
  const markup = '<img src=x onerror=alert(1)>'
  const alice = await meet(markup)
  await alice.page.setViewport(390, 844)
  await alice.page.goto(`${hub.origin}/`)
  await open(alice.page, markup)
  const link = await alice.page.evaluate(() => location.href, null)
  alice.secrets.add(link.replace(/.*#/, ''))
  await alice.page.evaluate(draw, 0.25)

  const bob = await meet('Bob-the-Late', { browser: 'firefox' })
  await bob.page.goto(link)
  await open(bob.page, bob.name)
  await bob.page.waitFor(hasLine, 0.25, { what: 'the line from before' })
  await bob.page.evaluate(draw, 0.75)
  await alice.page.waitFor(hasLine, 0.75, { what: 'the line of the other' })
  await bob.page.waitFor(
    (text) => document.querySelector('output')?.value === `With you: ${text}`,
    markup,
  )
  for (const { page } of [alice, bob]) {
    expect(await page.evaluate(() => document.querySelectorAll('img').length, null)).toBe(0)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth, null)
    expect(wide).toBeLessThanOrEqual(0)
    expect(page.console.filter((text) => /^(?:error|uncaught)/.test(text))).toEqual([])
  }
  expect(findLeaks(hub, [alice, bob])).toEqual([])
  await hub.stop()
  rmSync(outDir, { recursive: true, force: true })
})

const open = async (page: Page, name: string): Promise<void> => {
  await page.fill('Your name', name)
  await page.click('button', 'Open the board')
  await page.waitFor(() => document.querySelector('canvas')?.offsetWidth, null, { what: 'a board' })
}

// These run in the page and must not refer to anything outside of themselves.
function draw(height: number): void {
  const canvas = document.querySelector('canvas')
  if (canvas === null) throw new Error('no board')
  canvas.setPointerCapture = () => {}
  const { left, top, width, height: all } = canvas.getBoundingClientRect()
  for (const [type, x] of [
    ['pointerdown', 0.1],
    ['pointermove', 0.9],
    ['pointerup', 0.9],
    ['pointerleave', 0.9],
  ] as const) {
    const place = { clientX: left + x * width, clientY: top + height * all, isPrimary: true }
    canvas.dispatchEvent(new PointerEvent(type, place))
  }
}

function hasLine(height: number): boolean {
  const canvas = document.querySelector('canvas')
  const pixels = canvas?.getContext('2d')
  if (!canvas || !pixels) return false
  const { data } = pixels.getImageData(canvas.width / 2, canvas.height * height, 1, 1)
  return data[3] === 255
}
