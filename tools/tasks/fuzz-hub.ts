/**
 * `npm run fuzz:hub -- [--inputs N] [--seed S]`: see `tools/fuzz/hub/main.ts`, which runs in a separate process because it reads the packages'
 * sources.
 *
 * @module
 */
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const { code } = await runCommand(
  process.execPath,
  ['--conditions=@conclave/source', join(root, 'tools/fuzz/hub/main.ts'), ...process.argv.slice(2)],
  { print: 'show' },
)
process.exitCode = code
