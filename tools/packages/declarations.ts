/**
 * Compiles programs that use every entry against the declaration files of the packages, and looks into these files too.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { root } from '../prepare.mjs'
import type { Entry } from './application.ts'

/** The oldest TypeScript that reads the declarations, the last one in JavaScript, and the newest. */
export const COMPILERS = [
  { version: '5.7', script: 'tools/consumers/node_modules/typescript/bin/tsc' },
  { version: '6.0', script: 'tools/api/node_modules/typescript/bin/tsc' },
  { version: '7.0', script: 'node_modules/typescript/bin/tsc' },
] as const

/** The libraries that README.md asks a program to name. */
const LIB = ['ES2022', 'DOM', 'ESNext.Disposable']

/** The settings of a program that asks the compiler for everything. */
export const STRICT = {
  ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: 'ES2022' },
  ...{ noUncheckedIndexedAccess: true, skipLibCheck: false, lib: LIB },
  ...{ verbatimModuleSyntax: true, noPropertyAccessFromIndexSignature: true },
}

/** A page behind a bundler, one whose modules are resolved as Node does, and a program for Node. */
const PROGRAMS = {
  page: { module: 'ESNext', moduleResolution: 'Bundler', types: [] },
  'page-nodenext': { module: 'NodeNext', moduleResolution: 'NodeNext', types: [] },
  node: { module: 'NodeNext', moduleResolution: 'NodeNext', types: ['node'] },
}

/** Lists the errors of one compiler in each of the programs. */
export async function findDeclarationFaults(
  { version, script }: (typeof COMPILERS)[number],
  { folder, entries }: { readonly folder: string; readonly entries: readonly Entry[] },
): Promise<string[]> {
  const faults: string[] = []
  for (const [program, options] of Object.entries(PROGRAMS)) {
    const used = entries.filter(({ isForNode }) => !isForNode || program === 'node')
    const lines = used.map(({ specifier }, index) => `export * as e${index} from '${specifier}'\n`)
    const name = `${program}-${version}`
    writeFileSync(join(folder, `${name}.ts`), lines.join(''))
    const config = { compilerOptions: { ...STRICT, ...options }, files: [`${name}.ts`] }
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(config))
    const { code, output } = await runCommand(
      process.execPath,
      [join(root, script), '-p', `${name}.json`, '--pretty', 'false'],
      { print: 'keep', cwd: folder },
    )
    if (code !== 0) faults.push(...output.trim().split('\n'))
  }
  return faults
}
