/**
 * `npm run bench -- NAME [--json]`: runs one benchmark of `bench/`, in a separate process because it may need other
 * flags of Node than the tasks do.
 *
 * @module
 */
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { build } from '../build.ts'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const [name = '', ...args] = process.argv.slice(2)
const file = join(root, 'bench', name, 'main.ts')
if (!/^[a-z]+$/.test(name) || !existsSync(file)) {
  const names = globSync('bench/*/main.ts', { cwd: root }).map((path) => path.split('/')[1])
  console.error(`Which benchmark? npm run bench -- ${names.join(' | ') || '(there is none yet)'}`)
  process.exit(1)
}
if (!(await build())) process.exit(1)
const { code } = await runCommand(process.execPath, [file, ...args], { print: 'show' })
process.exitCode = code
