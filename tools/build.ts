/**
 * The build: packages by `tsc -b`, then their workers as one file each; the app by Vite, which reads the packages' sources.
 * Skipped while no input has changed.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandResult, runCommand, runPackage } from './command.ts'
import { root } from './prepare.mjs'
import { writeWorkerFiles } from './worker-files.ts'

const INPUTS = [
  'package-lock.json',
  'tsconfig*.json',
  '{packages,apps}/*/{package,tsconfig}.json',
  'packages/*/src/**/*',
  'apps/*/{src,public}/**/*',
  'apps/*/{index.html,vite.config.ts}',
  'tools/worker-files.ts',
]
const OUTPUTS = ['apps/meet/dist/index.html', 'packages/server/dist/index.js']
const STAMP = '.cache/build.sha256'

/** Builds what is out of date and prints compilers' complaints. Resolves to whether all is built. */
export async function build(): Promise<boolean> {
  const inputs = hashInputs()
  if (isFresh(inputs)) return true
  console.log('Building ...')
  const results = await Promise.all([compilePackages(), bundleApp()])
  if (results[0].code === 0) await writeWorkerFiles()
  for (const { code, output } of results) if (code !== 0) console.error(output.trim())
  removeLeftovers()
  const built = results.every(({ code }) => code === 0)
  if (built) {
    mkdirSync(join(root, '.cache'), { recursive: true })
    writeFileSync(join(root, STAMP), inputs)
  }
  return built
}

/** Compiles every package to its `dist`, and nothing else: tests are the check's business. */
const compilePackages = (): Promise<CommandResult> =>
  runPackage('typescript/bin/tsc', ['-b', ...globSync('packages/*/tsconfig.json', { cwd: root })], {
    print: 'keep',
  })

/** The compiler leaves what it made of a source file that is gone, and npm would pack it. */
function removeLeftovers(): void {
  for (const file of globSync('packages/*/dist/**/*.{js,d.ts,map}', { cwd: root })) {
    const source = file.replace('/dist/', '/src/').replace(/(?:\.js|\.d\.ts)(?:\.map)?$/, '.ts')
    if (!existsSync(join(root, source))) rmSync(join(root, file))
  }
}

/** Bundles the app to `apps/meet/dist`. */
export function bundleApp(): Promise<CommandResult> {
  return runCommand(
    process.execPath,
    [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'apps/meet', '--logLevel', 'warn'],
    { print: 'keep' },
  )
}

const isFresh = (inputs: string): boolean => {
  if (!OUTPUTS.every((file) => existsSync(join(root, file)))) return false
  const stamp = join(root, STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs
}

const hashInputs = (): string => {
  const hash = createHash('sha256')
  for (const entry of globSync(INPUTS, { cwd: root, withFileTypes: true }).toSorted(byPath)) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    hash.update(path).update('\0').update(readFileSync(path)).update('\0')
  }
  return hash.digest('hex')
}

const byPath = (
  a: { parentPath: string; name: string },
  b: { parentPath: string; name: string },
): number => (join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1)
