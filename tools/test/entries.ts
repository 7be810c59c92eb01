/**
 * The entries of all packages, as their manifests name them.
 *
 * @module
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../prepare.mjs'

/** An entry that a program can import. */
export interface Entry {
  readonly name: string
  readonly file: string
}

/** Every entry but those of workers, which run when they are loaded. */
export const entries: readonly Entry[] = globSync('packages/*/package.json', { cwd: root }).flatMap(
  (path): Entry[] => {
    const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
      name: string
      exports: Record<string, string | { '@conclave/source': string }>
    }
    return Object.entries(manifest.exports).flatMap(([entry, target]) =>
      typeof target === 'string' || /worker/.test(entry)
        ? []
        : [
            {
              name: manifest.name + entry.slice(1),
              file: join(root, path, '..', target['@conclave/source']),
            },
          ],
    )
  },
)

/** The exports of an entry. */
export const importEntry = async ({ file }: Entry): Promise<Record<string, unknown>> =>
  (await import(pathToFileURL(file).href)) as Record<string, unknown>
