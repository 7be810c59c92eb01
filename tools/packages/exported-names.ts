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

/** How modules are loaded. */
export interface Loading {
  /** By `import`, by `require` as programs in CommonJS do, or by `import` where a server defines `window` and no `document`. */
  readonly by?: 'import' | 'require' | 'import with a half window'
  /** The executable of Node; the one that runs this unless it is given. */
  readonly node?: string
}

/** Loads modules, one after the other, in one process whose folder is the application's. */
export async function importAll(
  folder: string,
  specifiers: readonly string[],
  { by = 'import', node = process.execPath }: Loading = {},
): Promise<readonly Imported[]> {
  writeFileSync(join(folder, 'import-all.mjs'), PROGRAM)
  writeFileSync(join(folder, 'specifiers.json'), JSON.stringify(specifiers))
  const { output } = await runCommand(node, ['import-all.mjs', by], {
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
if (process.argv[2].includes('window')) globalThis.window = globalThis
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
