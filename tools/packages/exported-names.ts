/**
 * The names that modules export, asked of Node: of the entries of the installed packages, and of bundles of them. A bundle
 * that lost a part of its entry lacks its names, or does not run at all.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'

/** The outcome of importing one module: its names, or the reason why it failed. */
export type Imported = { readonly names: readonly string[] } | { readonly error: string }

/**
 * Imports modules, one after the other, in one process whose folder is the application's; or loads them by `require`, as
 * programs in CommonJS do.
 */
export async function importAll(
  folder: string,
  specifiers: readonly string[],
  by: 'import' | 'require' = 'import',
): Promise<readonly Imported[]> {
  writeFileSync(join(folder, 'import-all.mjs'), PROGRAM)
  writeFileSync(join(folder, 'specifiers.json'), JSON.stringify(specifiers))
  const { output } = await runCommand(process.execPath, ['import-all.mjs', by], {
    print: 'keep',
    cwd: folder,
  })
  try {
    return JSON.parse(output)
  } catch {
    throw new Error(`importing in Node ended with: ${output}`)
  }
}

const PROGRAM = `
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const load = process.argv[2] === 'require' ? require : (specifier) => import(specifier)
const results = []
for (const specifier of JSON.parse(readFileSync('specifiers.json', 'utf8'))) {
  try {
    results.push({ names: Object.keys(await load(specifier)).sort() })
  } catch (error) {
    results.push({ error: String(error) })
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit())
`
