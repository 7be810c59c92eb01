/**
 * `npm run lint:config`: writes `.oxlintrc.json` again, after a change of `tools/lint/table.ts`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printConfig } from '../lint/config.ts'
import { root } from '../prepare.mjs'

writeFileSync(join(root, '.oxlintrc.json'), printConfig())
