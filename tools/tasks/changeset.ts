/**
 * `npm run changeset`: describes a change for the users of the packages, in a file of `.changeset`. `-- version` makes the
 * next version of all packages and its changelogs out of these files; `-- status` lists them. The tool is installed in
 * `tools/release` the first time.
 *
 * @module
 */
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { runNpm } from '../packages/pack.ts'
import { installPackages, root } from '../prepare.mjs'

const folder = join(root, 'tools/release')
installPackages(folder)
const args = process.argv.slice(2)
const { code } = await runCommand(
  process.execPath,
  [join(folder, 'node_modules/@changesets/cli/bin.js'), ...args],
  { print: 'show' },
)
process.exitCode = code
if (code === 0 && args[0] === 'version') {
  // The packages name each other by version, and so does the lock file.
  const lock = await runNpm(['install', '--package-lock-only', '--offline', '--ignore-scripts'])
  if (lock.code !== 0) {
    console.error(lock.output.trim())
    process.exitCode = lock.code
  }
}
