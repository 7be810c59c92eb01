/**
 * `npm run runtimes`: the vectors in Node, and in Deno and Bun where they are on `PATH` (`DENO` and `BUN` name others). One program,
 * made of the built packages for each runtime with the conditions by which it chooses files itself; a runtime that is not there is
 * named, and not counted as anything.
 *
 * @module
 */
import { join } from 'node:path'
import { build as bundle } from 'vite'
import { build } from '../build.ts'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

/** Deno and Bun look for files that are made for Node too: `#platform` of `crypto` must name theirs before. spec K48 */
const RUNTIMES = [
  { name: 'Node', command: process.execPath, args: [], conditions: ['node'] },
  {
    ...{ name: 'Deno', command: process.env['DENO'] ?? 'deno', args: ['run', '--no-prompt'] },
    conditions: ['deno', 'node'],
  },
  {
    ...{ name: 'Bun', command: process.env['BUN'] ?? 'bun', args: ['run'] },
    conditions: ['bun', 'node'],
  },
] as const

if (!(await build())) process.exit(1)

for (const { name, command, args, conditions } of RUNTIMES) {
  const version = await output(command, ['--version'])
  if (version === undefined) {
    console.log(`${name}: not on PATH, not run`)
    continue
  }
  const program = await makeProgram(name.toLowerCase(), conditions)
  const started = performance.now()
  const { code, output: said } = await runCommand(command, [...args, program], { print: 'keep' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const [line = ''] = version.split('\n')
  console.log(`${name} (${line.replace(/^\w+ (?=\d)/, '')}), ${seconds} s: ${said.trim()}`)
  if (code !== 0) process.exitCode = 1
}

/** Bundles the tests for a runtime; returns the file. */
async function makeProgram(folder: string, conditions: readonly string[]): Promise<string> {
  const outDir = join(root, '.cache/runtimes', folder)
  await bundle({
    configFile: false,
    logLevel: 'warn',
    root,
    resolve: { alias: { vitest: join(root, 'tools/runtimes/harness.ts') } },
    ssr: { noExternal: true, target: 'node', resolve: { conditions: ['module', ...conditions] } },
    build: {
      ...{ outDir, emptyOutDir: true, ssr: true, minify: false, target: 'es2024' },
      rolldownOptions: {
        // The packages say that none of their files does anything by itself; tests do.
        treeshake: false,
        input: { vectors: join(root, 'tools/runtimes/entry.ts') },
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  })
  return join(outDir, 'vectors.mjs')
}

async function output(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { code, output: said } = await runCommand(command, args, { print: 'keep' })
    return code === 0 ? said.trim() : undefined
  } catch {
    return undefined
  }
}
