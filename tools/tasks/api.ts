/**
 * `npm run api`: writes the reports of the packages' API, `packages/NAME/api/ENTRY.api.md`, again. `npm run packages` fails
 * when they differ from the code. The tools are installed in `tools/api` the first time.
 *
 * @module
 */
import { build } from '../build.ts'
import { API_TOOLS, findApiFaults } from '../packages/api-reports.ts'
import { installPackages } from '../prepare.mjs'

installPackages(API_TOOLS)
if (!(await build())) process.exit(1)
const faults = await findApiFaults({ isWriting: true })
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
