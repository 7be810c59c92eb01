/**
 * The way into every task: `node tools/run.mjs start|test|check`. Works in a fresh clone.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages, root, runOnPinnedNode } from './prepare.mjs'

const [task = '', ...args] = process.argv.slice(2)
const file = `tasks/${task}.ts`
if (!/^[a-z-]+$/.test(task) || !existsSync(join(root, 'tools', file))) {
  console.error(`There is no task "${task}".`)
  process.exit(1)
}
installPackages()
runOnPinnedNode(file, args)
