/**
 * `npm run docs:api`: makes pages about the packages' API in `.cache/api-pages` and fails for a link in them that leads
 * nowhere. The tools are installed in `tools/api` the first time.
 *
 * @module
 */
import { build } from '../build.ts'
import { API_PAGES, API_TOOLS, makeApiPages } from '../packages/api-reports.ts'
import { installPackages } from '../prepare.mjs'

installPackages(API_TOOLS)
if (!(await build())) process.exit(1)
const faults = await makeApiPages()
for (const fault of faults) console.error(fault)
if (faults.length === 0) console.log(`The pages begin at ${API_PAGES}`)
process.exitCode = faults.length === 0 ? 0 : 1
