/**
 * The app in every toolchain, as the documentation of that toolchain and the README of `@conclave/media` say.
 *
 * @module
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { runCommand } from '../command.ts'
import { findFreePort, startProgram } from '../packages/program.ts'
import { serveFiles } from './file-server.ts'
import { createImportMap } from './import-map.ts'
import { MAIN, MEETING, OWN_WORKER, pageOf, type WorkerKind } from './sources.ts'

/** A place in which an app is written, and everything that it finds. */
export interface Place {
  readonly folder: string
  /** `node_modules` with the tools and the packages. */
  readonly modules: string
}

/** An app that is served. */
export interface ServedApp {
  readonly address: string
  stop(): Promise<void>
}

/** One line of the table. */
export interface App {
  readonly name: string
  readonly mode: 'built' | 'development' | 'files'
  readonly worker: WorkerKind
  /** The needs of the app beside the defaults of its toolchain. */
  readonly needs: string
  /** Writes the app, builds it if it is built, and serves it. */
  start(place: Place): Promise<ServedApp>
}

/** A policy that lets through what the app needs and nothing else. */
const strict = (worker: "'self'" | 'blob:', scripts = ''): Readonly<Record<string, string>> => ({
  'content-security-policy':
    `default-src 'none'; script-src 'self'${scripts}; worker-src ${worker}; ` +
    "connect-src 'self' ws://localhost:*; require-trusted-types-for 'script'; trusted-types conclave",
})

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

const MANIFEST = JSON.stringify({ name: 'app', private: true, type: 'module' })

const sources = (worker: WorkerKind, script: string): Readonly<Record<string, string>> => ({
  'package.json': MANIFEST,
  'index.html': pageOf(script),
  'main.js': MAIN[worker],
  'meeting.js': MEETING,
})

/** Runs a tool of `node_modules` to its end. */
const build = async ({ folder, modules }: Place, line: string): Promise<void> => {
  const [script = '', ...args] = line.split(' ')
  const { code, output } = await runCommand(process.execPath, [join(modules, script), ...args], {
    ...{ print: 'keep', cwd: folder, env: { ...QUIET, NODE_ENV: 'production' } },
  })
  if (code !== 0) throw new Error(`${line} ended with ${code}: ${output.trim()}`)
}

const QUIET = { NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' }

/** Starts a development server of `node_modules`; `$` is its port. */
const serve = async (
  { folder, modules }: Place,
  { line, ready }: { readonly line: string; readonly ready: string },
): Promise<ServedApp> => {
  const port = await findFreePort()
  const [script = '', ...args] = line.replace('$', String(port)).split(' ')
  const command = [`"${process.execPath}"`, `"${join(modules, script)}"`, ...args].join(' ')
  // esbuild serves as long as its input is open.
  const program = await startProgram(`tail -f /dev/null | ${command}`, {
    ...{ ready, cwd: folder, env: QUIET },
  })
  return { address: `http://localhost:${port}/`, stop: () => program.stop() }
}

const serveBuilt = async (
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ServedApp> => {
  const { port, stop } = await serveFiles(folder, headers)
  return { address: `http://localhost:${port}/`, stop }
}

const EXCLUDE = `export default { optimizeDeps: { exclude: ['@conclave/media'] } }\n`

const vite = (version: 5 | 6 | 7 | 8): App[] => {
  const script = `vite${version}/bin/vite.js`
  const dev =
    (worker: WorkerKind, config?: string): App['start'] =>
    (place) => {
      write(place.folder, sources(worker, '/main.js'))
      if (config !== undefined) write(place.folder, { 'vite.config.js': config })
      return serve(place, { line: `${script} --port $ --strictPort`, ready: 'Local:' })
    }
  const name = `Vite ${version}`
  const built: App = {
    ...{ name, mode: 'built', worker: 'by itself', needs: '' },
    async start(place) {
      write(place.folder, sources('by itself', '/main.js'))
      write(place.folder, {
        'vite.config.js': `export default { build: { target: 'es2022', modulePreload: { polyfill: false } } }\n`,
      })
      await build(place, `${script} build`)
      return serveBuilt(join(place.folder, 'dist'), strict("'self'"))
    },
  }
  if (version === 8)
    return [
      built,
      { name, mode: 'development', worker: 'by itself', needs: '', start: dev('by itself') },
    ]
  return [
    built,
    {
      ...{ name, mode: 'development', worker: 'by itself' },
      needs: '`optimizeDeps.exclude`',
      start: dev('by itself', EXCLUDE),
    },
    { name, mode: 'development', worker: 'as text', needs: '', start: dev('as text') },
  ]
}

const WEBPACK = `export default {
  entry: './main.js',
  output: { filename: 'main-bundle.js' },
  devServer: { static: '.', hot: false, liveReload: false, client: false },
}
`
const webpack = (mode: 'built' | 'development'): App => ({
  ...{ name: 'webpack 5', mode, worker: 'by itself', needs: '' },
  async start(place) {
    write(place.folder, sources('by itself', '/main-bundle.js'))
    write(place.folder, { 'webpack.config.js': WEBPACK })
    const cli = 'webpack-cli/bin/cli.js'
    if (mode === 'development')
      return serve(place, { line: `${cli} serve --mode development --port $`, ready: 'compiled' })
    await build(place, `${cli} --mode production`)
    write(join(place.folder, 'dist'), { 'index.html': pageOf('/main-bundle.js') })
    return serveBuilt(join(place.folder, 'dist'), strict("'self'"))
  },
})

const NEXT = {
  'package.json': MANIFEST,
  'next.config.mjs': `import { dirname } from 'node:path'

export default { turbopack: { root: dirname(import.meta.dirname) } }
`,
  'app/layout.js': `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>
}
`,
  'app/page.js': `'use client'
import { useEffect } from 'react'

export default function Page() {
  useEffect(() => {
    void import('../meeting.js').then(({ start }) => start())
  }, [])
  return null
}
`,
  'meeting.js': MEETING,
}
const next = (mode: 'built' | 'development'): App => ({
  ...{ name: 'Next 16', mode, worker: 'by itself', needs: '' },
  async start(place) {
    write(place.folder, NEXT)
    const script = 'next/dist/bin/next'
    if (mode === 'development') return serve(place, { line: `${script} dev -p $`, ready: 'Ready' })
    await build(place, `${script} build`)
    return serve(place, { line: `${script} start -p $`, ready: 'Ready' })
  },
})

const ESBUILD = `esbuild/bin/esbuild main=main.js media-worker=@conclave/media/worker --bundle --format=esm --outdir=dist`
const esbuild = (mode: 'built' | 'development'): App => ({
  ...{
    name: 'esbuild',
    mode,
    worker: 'own file',
    needs: '`@conclave/media/worker` as a second entry',
  },
  async start(place) {
    write(place.folder, sources('own file', '/main.js'))
    write(join(place.folder, 'dist'), { 'index.html': pageOf('/main.js') })
    if (mode === 'development')
      return serve(place, {
        line: `${ESBUILD} --servedir=dist --serve=localhost:$`,
        ready: 'Local:',
      })
    await build(place, ESBUILD)
    return serveBuilt(join(place.folder, 'dist'))
  },
})

const ROLLUP = `import { nodeResolve } from '@rollup/plugin-node-resolve'

export default { input: 'main.js', output: { dir: 'dist' }, plugins: [nodeResolve({ browser: true })] }
`
const rollup = (worker: 'own file' | 'as text'): App => ({
  ...{ name: 'Rollup 4', mode: 'built', worker },
  needs: worker === 'as text' ? '' : 'a copy of `dist/worker/worker.js` of `@conclave/media`',
  async start(place) {
    const dist = join(place.folder, 'dist')
    write(place.folder, sources(worker, '/main.js'))
    write(place.folder, { 'rollup.config.js': ROLLUP })
    await build(place, 'rollup/dist/bin/rollup -c')
    write(dist, { 'index.html': pageOf('/main.js') })
    copyWorker(place, dist)
    return serveBuilt(dist, worker === 'as text' ? strict('blob:') : {})
  },
})

const copyWorker = ({ modules }: Place, to: string): void =>
  copyFileSync(join(modules, '@conclave/media/dist/worker/worker.js'), join(to, OWN_WORKER))

const parcel = (mode: 'built' | 'development'): App => ({
  ...{
    name: 'Parcel 2',
    mode,
    worker: 'by itself',
    needs: '`packageExports: true` of its resolver',
  },
  async start(place) {
    write(place.folder, sources('by itself', './main.js'))
    const line = 'parcel/lib/bin.js'
    if (mode === 'development')
      return serve(place, {
        ...{ line: `${line} serve index.html --no-hmr --port $`, ready: 'Built in' },
      })
    await build(place, `${line} build index.html --dist-dir dist`)
    return serveBuilt(join(place.folder, 'dist'))
  },
})

/** The script element of an import map, and the source expression that permits it. */
const importMapFor = (
  modules: string,
  base: string,
): readonly [element: string, source: string] => {
  const entries = ['@conclave/client', '@conclave/media/inline-worker']
  const map = createImportMap(modules, { base, entries })
  const hash = createHash('sha256').update(map).digest('base64')
  return [`<script type="importmap">${map}</script>`, ` 'sha256-${hash}'`]
}

const IMPORT_MAP: App = {
  ...{ name: 'Import map, strict policy', mode: 'files', worker: 'by itself', needs: '' },
  async start({ folder, modules }) {
    const [element, source] = importMapFor(modules, '/node_modules')
    write(folder, {
      ...sources('by itself', '/main.js'),
      'index.html': pageOf('/main.js', element),
    })
    const { port, stop } = await serveFiles(
      [folder, { '/node_modules/': modules }],
      strict("'self'", source),
    )
    return { address: `http://localhost:${port}/`, stop }
  },
}

const CDN: App = {
  ...{
    name: 'Scripts from another origin (CDN)',
    mode: 'files',
    worker: 'as text',
    needs: '`worker-src blob:`',
  },
  async start({ folder, modules }) {
    const cdn = await serveFiles(modules, { 'access-control-allow-origin': '*' })
    const origin = `http://127.0.0.1:${cdn.port}`
    const [element, source] = importMapFor(modules, origin)
    write(folder, { ...sources('as text', '/main.js'), 'index.html': pageOf('/main.js', element) })
    const page = await serveBuilt(folder, strict('blob:', `${source} ${origin}`))
    const stop = async (): Promise<void> => {
      await page.stop()
      await cdn.stop()
    }
    return { address: page.address, stop }
  },
}

/** Every app. */
export const APPS: readonly App[] = [
  ...([5, 6, 7, 8] as const).flatMap(vite),
  webpack('built'),
  webpack('development'),
  next('built'),
  next('development'),
  esbuild('built'),
  esbuild('development'),
  rollup('own file'),
  rollup('as text'),
  parcel('built'),
  parcel('development'),
  IMPORT_MAP,
  CDN,
]
