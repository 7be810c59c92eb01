/**
 * `npm run runtimes`: the vectors in Node, and in Deno and Bun where they are on `PATH`. One program for all of them, made
 * of the built packages; a runtime that is not there is named, and not counted as anything.
 *
 * @module
 */
import { join } from 'node:path'
import { build as bundle } from 'vite'
import { build } from '../build.ts'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'

const RUNTIMES = [
  { name: 'Node', command: process.execPath, args: [] },
  { name: 'Deno', command: 'deno', args: ['run', '--no-prompt'] },
  { name: 'Bun', command: 'bun', args: ['run'] },
] as const

if (!(await build())) process.exit(1)
const outDir = join(root, '.cache/runtimes')
await bundle({
  configFile: false,
  logLevel: 'warn',
  root,
  resolve: { alias: { vitest: join(root, 'tools/runtimes/harness.ts') } },
  ssr: { noExternal: true, target: 'node' },
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

for (const { name, command, args } of RUNTIMES) {
  const version = await output(command, ['--version'])
  if (version === undefined) {
    console.log(`${name}: not on PATH, not run`)
    continue
  }
  const started = performance.now()
  const { code, output: said } = await runCommand(command, [...args, join(outDir, 'vectors.mjs')], {
    print: 'keep',
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const [line = ''] = version.split('\n')
  console.log(`${name} (${line.replace(/^\w+ (?=\d)/, '')}), ${seconds} s: ${said.trim()}`)
  if (code !== 0) process.exitCode = 1
}

async function output(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { code, output: said } = await runCommand(command, args, { print: 'keep' })
    return code === 0 ? said.trim() : undefined
  } catch {
    return undefined
  }
}
