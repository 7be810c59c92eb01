/**
 * The manifest and the README of a package have everything that a user of the tarball needs without this repository:
 * licence, keywords, entries, engines, which entries act by being imported, what to install and where a link leads.
 *
 * @module
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { examplesIn, installsIn } from '../doctest.ts'
import { root } from '../prepare.mjs'

/** The files of every tarball beside the manifest, the README and the licence; npm adds these by itself. */
const FILES = ['dist', 'src', 'CHANGELOG.md', '!dist/.tsbuildinfo']

/** A folder with files for operators, which a package may have. */
const DEPLOY = 'deploy'

/** The conditions of every entry, in the order in which a resolver tries them. */
const CONDITIONS = ['@conclave/source', 'types', 'default']

interface RootManifest {
  readonly license?: unknown
  readonly engines?: unknown
  /** Absent until the address is known; then the packages name it too. */
  readonly repository?: object
}

interface Manifest extends RootManifest {
  readonly name?: string
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly publishConfig?: unknown
  readonly type?: unknown
  readonly sideEffects?: unknown
  readonly files?: unknown
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** Lists the faults of all packages below a folder, one sentence each. */
export function checkManifests(at: string = root): string[] {
  const main: RootManifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'))
  return globSync('packages/*/package.json', { cwd: at })
    .toSorted()
    .flatMap((file) => {
      const folder = posix.dirname(file)
      const manifest: Manifest = JSON.parse(readFileSync(join(at, file), 'utf8'))
      return [
        ...findFieldFaults(manifest, {
          main,
          directory: folder,
          files: existsSync(join(at, folder, DEPLOY)) ? [DEPLOY, ...FILES] : FILES,
        }).map((fault) => `${file}: ${fault}`),
        ...findEntryFaults(manifest, join(at, folder)).map((fault) => `${file}: ${fault}`),
        ...findLicenceFaults(at, folder),
        ...findReadmeFaults(join(at, folder)).map((fault) => `${folder}/README.md: ${fault}`),
      ]
    })
}

function findFieldFaults(
  manifest: Manifest,
  {
    main,
    directory,
    files,
  }: {
    readonly main: RootManifest
    readonly directory: string
    readonly files: readonly string[]
  },
): string[] {
  const { description = '', keywords = [] } = manifest
  const faults: string[] = []
  if (description === '') faults.push('has no description')
  if (new Set(keywords).size < 3) faults.push('expected three different keywords at least')
  const { repository } = main
  const expected = {
    license: main.license,
    engines: main.engines,
    repository: repository === undefined ? undefined : { ...repository, directory },
    publishConfig: { access: 'public' },
    type: 'module',
    files,
  }
  for (const [name, value] of Object.entries(expected)) {
    const found = manifest[name as keyof typeof expected]
    if (JSON.stringify(found) !== JSON.stringify(value))
      faults.push(`"${name}" expected ${JSON.stringify(value)}, got ${JSON.stringify(found)}`)
  }
  return faults
}

/** A worker is an entry that exports nothing: a bundler keeps it only if `sideEffects` names its files. */
function findEntryFaults({ exports = {}, sideEffects }: Manifest, folder: string): string[] {
  const faults: string[] = []
  const workers: string[] = []
  if (exports['./package.json'] !== './package.json') faults.push('does not export ./package.json')
  for (const [name, targets] of Object.entries(exports)) {
    if (typeof targets === 'string') {
      if (name !== './package.json') faults.push(`${name} expected conditions, got ${targets}`)
      continue
    }
    if (String(Object.keys(targets)) !== String(CONDITIONS)) {
      faults.push(`${name} expected the conditions ${CONDITIONS.join(', ')}, in this order`)
      continue
    }
    const { '@conclave/source': source = '', default: output = '' } = targets
    if (!existsSync(join(folder, source))) faults.push(`${name}: ${source} does not exist`)
    else if (!/^export /m.test(readFileSync(join(folder, source), 'utf8')))
      workers.push(source, output)
  }
  const expected = workers.length === 0 ? false : workers
  if (JSON.stringify(sideEffects) !== JSON.stringify(expected))
    faults.push(
      `"sideEffects" expected ${JSON.stringify(expected)}, got ${JSON.stringify(sideEffects)}`,
    )
  if (hasErrorClass(folder) && exports['./errors'] === undefined)
    faults.push('has an error class and does not export ./errors')
  return faults
}

const hasErrorClass = (folder: string): boolean =>
  globSync('src/**/*.ts', { cwd: folder }).some((file) =>
    /^export class \w+[^{]* extends (?:Error|CodedError)\b/m.test(
      readFileSync(join(folder, file), 'utf8'),
    ),
  )

/** npm packs no link to a file outside the package, so that each package has a copy of the licence. */
function findLicenceFaults(at: string, folder: string): string[] {
  const file = join(at, folder, 'LICENSE')
  const isEqual =
    existsSync(file) && readFileSync(file, 'utf8') === readFileSync(join(at, 'LICENSE'), 'utf8')
  return isEqual ? [] : [`${folder}/LICENSE: expected a copy of the LICENSE at the root`]
}

function findReadmeFaults(folder: string): string[] {
  const file = join(folder, 'README.md')
  if (!existsSync(file)) return ['does not exist']
  const faults: string[] = []
  const text = readFileSync(file, 'utf8')
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (!/^(?:https:\/\/|#)/.test(target))
      faults.push(`the link ${target} leads nowhere in a tarball; name the file as text`)
  }
  const installed = installsIn(text)
  for (const { code } of examplesIn('README.md', text)) {
    for (const [, specifier = ''] of code.matchAll(/\bfrom ['"]([^'".][^'"]*)['"]/g)) {
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
      if (!installed.includes(name) && !specifier.startsWith('node:'))
        faults.push(`an example imports ${specifier}, which "npm install" does not name`)
    }
  }
  return [...new Set(faults)]
}
