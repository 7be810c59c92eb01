/**
 * The linter's configuration equals the output of the table.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { printConfig } from '../lint/config.ts'
import { root } from '../prepare.mjs'

/** A sentence if `.oxlintrc.json` was edited by hand, or not written again after a change of the table. */
export function checkLintConfig(): string[] {
  return readFileSync(join(root, '.oxlintrc.json'), 'utf8') === printConfig()
    ? []
    : ['.oxlintrc.json: is not what tools/lint/table.ts makes; run `npm run lint:config`']
}
