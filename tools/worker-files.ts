/**
 * The workers of the packages as applications load them: each is one file without imports, because a worker has no import
 * map and a server of files has no bundler. The text of the media worker is a module too, for the entry that needs no
 * file. spec M40, M42
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { build, defaultClientConditions, type Plugin } from 'vite'
import { root } from './prepare.mjs'

/** The packages that ship workers. */
const WITH_WORKERS = ['packages/e2ee', 'packages/media']

/** The worker whose text is a module, which is empty in the sources. */
const TEXT = {
  worker: 'packages/media/src/worker/worker.ts',
  module: 'packages/media/src/page/worker-text.ts',
}

/** Writes each worker over what the compiler made of its entry, and the module with the text. */
export async function writeWorkerFiles(): Promise<void> {
  for (const entry of WITH_WORKERS.flatMap(listWorkers)) {
    const output = outputOf(entry)
    const { code, sources, map } = await bundleWorker(entry)
    const from = dirname(output)
    const own = join(root, entry.split('/').slice(0, 2).join('/'), '/')
    const named = {
      ...map,
      sources: sources.map((source) => relative(from, source)),
      // Sources of other packages may stand elsewhere, or nowhere.
      sourcesContent: sources.map((source) =>
        source.startsWith(own) ? null : readFileSync(source, 'utf8'),
      ),
    }
    writeFileSync(output, `${code}//# sourceMappingURL=${basename(output)}.map\n`)
    writeFileSync(`${output}.map`, JSON.stringify({ ...named, file: basename(output) }))
  }
  writeFileSync(outputOf(TEXT.module), await createTextModule())
}

/** Gives the text of the worker to pages that run from the sources. */
export function workerText(): Plugin {
  const module = join(root, TEXT.module)
  return {
    name: 'conclave-worker-text',
    load: (id) => (id === module ? createTextModule() : undefined),
  }
}

/** The sources of the workers of a package: the entries that act by being imported. */
function listWorkers(folder: string): string[] {
  const { sideEffects }: { readonly sideEffects: readonly string[] } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  )
  return sideEffects.filter((file) => file.startsWith('./src/')).map((file) => join(folder, file))
}

const outputOf = (source: string): string =>
  join(root, source.replace('/src/', '/dist/').replace(/\.ts$/, '.js'))

const createTextModule = async (): Promise<string> => {
  const { code } = await bundleWorker(TEXT.worker)
  return `export const WORKER_TEXT = ${JSON.stringify(code)}\n`
}

/** One worker from its sources, and what it loads later with it. */
export async function bundleWorker(entry: string): Promise<{
  readonly code: string
  /** Absolute paths of the files that the map names. */
  readonly sources: readonly string[]
  readonly map: object
}> {
  const { NODE_ENV } = process.env
  const result = await build({
    ...{ configFile: false, root, logLevel: 'warn' },
    resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
    build: {
      ...{ write: false, minify: true, target: 'es2022', sourcemap: 'hidden' },
      rolldownOptions: {
        input: join(root, entry),
        output: { format: 'iife', codeSplitting: false, entryFileNames: 'worker.js' },
      },
    },
  })
  // Vite sets it, and what this process starts next, such as the tests, would run as in production.
  if (NODE_ENV === undefined) delete process.env['NODE_ENV']
  const outputs = Array.isArray(result) ? result : [result]
  const [chunk, ...others] = outputs
    .flatMap((output) => ('output' in output ? output.output : []))
    .filter(({ type }) => type === 'chunk')
  if (chunk?.type !== 'chunk' || chunk.map === null || others.length > 0)
    throw new Error(`${entry} is not one file`)
  const { code, map } = chunk
  const { version, names, mappings } = map
  const sources = map.sources.map((source) => resolve(root, 'dist', source))
  return { code, sources, map: { version, names, mappings } }
}
