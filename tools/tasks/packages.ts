/**
 * `npm run packages`: packs the packages and looks at them as a stranger gets them; see `tools/packages/run.ts`. Part of
 * `npm test`.
 *
 * @module
 */
import { build } from '../build.ts'
import { installBrowsers } from '../install-browsers.ts'
import { installConsumers, lookAtPackages, printLook } from '../packages/run.ts'

installConsumers()
const trouble = await installBrowsers()
if (trouble !== undefined) {
  console.error(trouble)
  process.exit(1)
}
if (!(await build())) process.exit(1)
const looks = await lookAtPackages(printLook)
process.exitCode = looks.every(({ faults }) => faults.length === 0) ? 0 : 1
