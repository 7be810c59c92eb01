/**
 * One project for each README, installed by pnpm: its `node_modules` holds the packages that the README's install line
 * names and no other, and each package finds only what its own manifest names.
 *
 * @module
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { installsIn } from '../doctest.ts'
import { root } from '../prepare.mjs'
import type { Tarball } from './pack.ts'

/** A project with the packages that these READMEs tell their readers to install. */
export interface Reader {
  readonly name: string
  readonly readmes: readonly string[]
  readonly folder: string
}

/** The names of packages that every project has: the types of Node, which a TypeScript program for Node brings along. */
const ALWAYS = ['@types/node']

const PNPM = join(root, 'tools/consumers/node_modules/pnpm/bin/pnpm.cjs')

/** One project for the README of each package, and one that follows three: a call in a browser, its worker and its hub. */
export function listReaders(folder: string, tarballs: readonly Tarball[]): Reader[] {
  const packages = tarballs
    .filter(({ name }) => name.startsWith('@conclave/'))
    .map(({ name }) => name.replace('@conclave/', ''))
  return [
    ...packages.map((name) => ({ name, readmes: [readmeOf(name)] })),
    { name: 'call', readmes: [readmeOf('client'), readmeOf('media'), readmeOf('server')] },
  ].map((reader) => ({ ...reader, folder: join(folder, reader.name) }))
}

/** The text of a README; `path` is relative to the repository. */
export function readReadme(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Installs all projects. The network is off, and the store of packages is a fresh one. Lists what goes wrong. */
export async function installReaders(
  folder: string,
  {
    readers,
    tarballs,
  }: { readonly readers: readonly Reader[]; readonly tarballs: readonly Tarball[] },
): Promise<string[]> {
  const fileByName = new Map(
    tarballs.map(({ name, filename }) => [name, `file:${join(folder, '..', filename)}`]),
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'pnpm-workspace.yaml'),
    JSON.stringify({ packages: ['*'], hoist: false, overrides: Object.fromEntries(fileByName) }),
  )
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'readers', private: true }))
  const faults: string[] = []
  for (const { name, readmes, folder: project } of readers) {
    const dependencies: Record<string, string> = {}
    for (const wanted of [...readmes.flatMap((path) => installsIn(readReadme(path))), ...ALWAYS]) {
      const file = fileByName.get(wanted)
      if (file === undefined) faults.push(`${readmes.join(' and ')}: ${wanted} is not packed`)
      else dependencies[wanted] = file
    }
    mkdirSync(project, { recursive: true })
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ name, private: true, type: 'module', dependencies }),
    )
  }
  const { code, output } = await runCommand(
    process.execPath,
    [PNPM, 'install', '--offline', '--no-lockfile', '--ignore-scripts', '--reporter=append-only'],
    { print: 'keep', cwd: folder, env: { npm_config_store_dir: join(folder, '../store') } },
  )
  return code === 0 ? faults : [...faults, output.trim()]
}

const readmeOf = (name: string): string => `packages/${name}/README.md`
