/**
 * A tarball has the sources, what was compiled from them, the manifest, the README, the changelog and the licence, files for operators if the
 * manifest names their folder, and nothing else.
 *
 * @module
 */

import { Script } from 'node:vm'

/** Files that every tarball has, beside `dist` and `src`. */
const ALWAYS = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']

/** The suffixes of the files that the compiler writes for one source file. */
const OUTPUTS = ['.js', '.js.map', '.d.ts', '.d.ts.map']

interface PackedManifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly bin?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
}

/** Lists the faults of a tarball's file list, one sentence each. */
export function findContentFaults(files: readonly string[], manifest: PackedManifest): string[] {
  const present = new Set(files)
  const expected = new Set(ALWAYS)
  const hasDeploy = manifest.files?.includes('deploy') === true
  for (const file of files) {
    if (hasDeploy && /^deploy\/[\w.-]+$/.test(file)) expected.add(file)
    const source = /^src\/(.+)\.ts$/.exec(file)?.[1]
    if (source === undefined) continue
    expected.add(file)
    for (const suffix of OUTPUTS) expected.add(`dist/${source}${suffix}`)
  }
  const targets = [...Object.values(manifest.exports), manifest.bin ?? {}]
    .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
    .map((target) => target.replace('./', ''))
  return [
    ...[...expected].filter((file) => !present.has(file)).map((file) => `${file} is missing`),
    ...files
      .filter((file) => !expected.has(file))
      .map((file) => `${file} is in the tarball and comes from no source file`),
    ...targets
      .filter((target) => !present.has(target))
      .map((target) => `${target} is named by the manifest and is missing`),
  ]
}

/** A worker is one file: a script, which has no imports, and loads nothing later. spec M40 */
export function findWorkerFaults(code: string): string[] {
  const faults: string[] = []
  try {
    new Script(code)
  } catch {
    faults.push('is no script: a worker has no import map, so that its file must have no imports')
  }
  if (/\bimport(?:Scripts)?\s*\(/.test(code)) faults.push('loads code later')
  if (code.length > MAX_WORKER_BYTES) faults.push(`has ${code.length} bytes`)
  return faults
}

/** The worker that stretches passphrases brings its WebAssembly. */
const MAX_WORKER_BYTES = 40_000
