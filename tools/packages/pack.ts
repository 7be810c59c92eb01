/**
 * Packs every package as npm would publish it, and what they depend on as it is installed here: an application can then
 * be installed without any registry.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

/** One tarball, as `npm pack --json` describes it. */
export interface Tarball {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

/** Types that a program for Node brings along. */
const TYPES = ['@types/node', 'undici-types']

/** Writes the tarballs of all packages, of what these depend on, and of the types for Node into a folder. */
export async function packAll(into: string): Promise<readonly Tarball[]> {
  const ours = globSync('packages/*/package.json', { cwd: root }).map((file) => posix.dirname(file))
  const theirs = [...findDependencies(ours), ...TYPES].map((name) => `node_modules/${name}`)
  const folders = [...ours, ...theirs].toSorted().map((folder) => `./${folder}`)
  const { code, output } = await runNpm(
    ['pack', ...folders, '--json', '--ignore-scripts', '--loglevel=error'],
    { env: { npm_config_pack_destination: into } },
  )
  if (code !== 0) throw new Error(`npm pack ended with ${code}: ${output}`)
  return JSON.parse(output)
}

/** Runs the npm that started this task, or the one on `PATH`, and keeps what it prints. */
export function runNpm(
  args: readonly string[],
  { env = {}, cwd = root }: { readonly env?: Readonly<Record<string, string>>; cwd?: string } = {},
): ReturnType<typeof runCommand> {
  const script = process.env['npm_execpath']
  return script === undefined
    ? runCommand('npm', args, { print: 'keep', env, cwd })
    : runCommand(process.execPath, [script, ...args], { print: 'keep', env, cwd })
}

/** Names of the packages of other people that ours depend on, directly or not. */
function findDependencies(folders: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const waiting = [...folders]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
      readFileSync(join(root, folder, 'package.json'), 'utf8'),
    )
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith('@conclave/') || found.has(name)) continue
      found.add(name)
      waiting.push(`node_modules/${name}`)
    }
  }
  return found
}
