/**
 * `npm run screenshots`: makes the pictures in `docs/screenshots` again, of the running app, and in
 * `.cache/screenshots` pictures of every screen in every kind of window, to look at.
 *
 * @module
 */
import { build } from '../build.ts'
import { runPackage } from '../command.ts'
import { installBrowsers } from '../install-browsers.ts'

const trouble = await installBrowsers()
if (trouble !== undefined) console.error(trouble)
if (trouble !== undefined || !(await build())) process.exit(1)
const { code } = await runPackage('@playwright/test/cli.js', ['test', '--config', 'apps/meet'], {
  print: 'show',
  env: { SCREENSHOTS: '1' },
})
process.exitCode = code
