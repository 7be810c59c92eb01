/**
 * Builds the app into `dist`: sources of our packages directly, no request to any other origin, a service worker that
 * knows all files, and each text file once more as `.gz` and `.br`, so that the hub never compresses while people call.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

const SERVICE_WORKER = 'service-worker'
const page = join(import.meta.dirname, 'index.html')
const serviceWorker = join(import.meta.dirname, 'src/service-worker/service-worker.ts')

export default defineConfig({
  // Relative, so that one build works under any path.
  base: './',
  resolve: { conditions: ['@conclave/source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    sourcemap: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: page, [SERVICE_WORKER]: serviceWorker },
      output: {
        // A service worker keeps its address for ever, and rules everything below it.
        entryFileNames: ({ name }) =>
          name === SERVICE_WORKER ? `${name}.js` : 'assets/[name]-[hash].js',
      },
    },
  },
  worker: { format: 'es' },
  plugins: [listFiles(), precompress()],
})

/** Tells the service worker the paths and digests of the build's files. */
function listFiles(): Plugin {
  return {
    name: 'conclave-list-files',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      const script = join(dir, `${SERVICE_WORKER}.js`)
      const files = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('.map'))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => path !== script)
        .toSorted()
        .map((path) => ({
          path: relative(dir, path)
            .split(sep)
            .join('/')
            .replace(/^index\.html$/, ''),
          integrity: `sha256-${createHash('sha256').update(readFileSync(path)).digest('base64')}`,
        }))
      const code = readFileSync(script, 'utf8')
      if (code.split('__FILES__').length !== 2) throw new Error('no place for the list of files')
      writeFileSync(script, code.replace('__FILES__', JSON.stringify(files)))
    },
  }
}

/** Writes `name.gz` and `name.br` beside every text file of the build. */
function precompress(): Plugin {
  return {
    name: 'conclave-precompress',
    apply: 'build',
    writeBundle({ dir = 'dist' }) {
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(?:js|css|html|svg|webmanifest)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const bytes = readFileSync(path)
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 }
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
      }
    },
  }
}
