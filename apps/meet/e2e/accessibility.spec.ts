/** Every screen of the app in every kind of window: axe finds no barrier, and nothing lies on or outside of anything. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { root } from '../../../tools/prepare.mjs'
import type { Page } from './browsers/page.ts'
import { expect, test } from './fixtures.ts'
import { findLayoutFaults } from './layout-faults.ts'
import { callScreens } from './screens/calls.ts'
import { dialogScreens } from './screens/dialogs.ts'
import { pageScreens } from './screens/pages.ts'
import { show, type View, VIEWS } from './views.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Each screen is looked at in many windows, each of which axe searches whole. */
const MATRIX_TIMEOUT_MS = 5 * 60_000

/** `npm run screenshots` leaves a picture of every screen in every view here, to look at. */
const pictures = join(root, '.cache/screenshots')

for (const { name, open, prepare } of [...pageScreens, ...callScreens, ...dialogScreens]) {
  test(`${name}: everything can be read and pressed in every window @pictures`, async ({
    hub,
    meet,
  }) => {
    test.setTimeout(MATRIX_TIMEOUT_MS)
    const page = await open(hub, meet)
    for (const view of VIEWS) {
      await show(page, view, prepare)
      if (process.env['SCREENSHOTS'] !== undefined) {
        mkdirSync(pictures, { recursive: true })
        await page.screenshot(
          `${join(pictures, `${name.replaceAll(/\W+/g, '-')}-${view.name}`)}.png`,
        )
      }
      expect.soft(await findLayoutFaults(page), `layout, ${view.name}`).toEqual([])
      const barriers = await findBarriers(page, rulesFor(view))
      expect.soft(barriers, `axe, ${view.name}`).toEqual([])
    }
  })
}

/** Colours decide about contrast only: the other rules have been asked of the same window in light colours. */
const rulesFor = ({ scheme }: View): readonly string[] | null =>
  scheme === 'light' ? null : ['color-contrast']

const findBarriers = async (page: Page, rules: readonly string[] | null): Promise<string[]> => {
  if (!(await page.evaluate(hasAxe, null))) await page.addScript(axe)
  const { violations } = await page.evaluate(runAxe, rules)
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => `${id}: ${help}: ${html}`),
  )
}

// The functions below run in the page and must not refer to anything outside of themselves.

function hasAxe(): boolean {
  return 'axe' in globalThis
}

async function runAxe(rules: readonly string[] | null): Promise<Pick<AxeResults, 'violations'>> {
  const tools: { run(context: Document, options: object): Promise<AxeResults> } = Reflect.get(
    globalThis,
    'axe',
  )
  // What fades in is not yet what is seen.
  await Promise.all(
    document.getAnimations().map((animation) => animation.finished.catch(() => undefined)),
  )
  const only = rules === null ? {} : { runOnly: { type: 'rule', values: rules } }
  const { violations } = await tools.run(document, { resultTypes: ['violations'], ...only })
  return { violations }
}
