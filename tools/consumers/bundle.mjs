/**
 * Bundles entries as applications would, each by itself: `node bundle.mjs BUNDLER JOBS`. `JOBS` is a JSON file with the
 * folder of an application and its jobs: the file to bundle, the file to write, and whether it runs in Node. Prints a
 * JSON array of complaints. Plain JavaScript, because the types of these bundlers are installed here only.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'

const [bundler = '', jobsFile = ''] = process.argv.slice(2)
const { folder, jobs } = JSON.parse(readFileSync(jobsFile, 'utf8'))

/** Node's modules stay imports. So do other people's packages in Node, where nobody needs a bundle of them. */
const external = (id) => id.startsWith('node:') || /^(?!@conclave\/)[@\w]/.test(id)

/** A warning about the packages that ours depend on; an error about them counts. */
const isTheirs = (place) => /node_modules\/(?!@conclave\/)/.test(place ?? '')

const bundlers = {
  async esbuild(report) {
    const { build } = await import('esbuild')
    for (const { entry, output, isForNode } of jobs) {
      const { warnings } = await build({
        ...{ absWorkingDir: folder, entryPoints: [entry], outfile: output, bundle: true },
        ...{ format: 'esm', logLevel: 'silent', platform: isForNode ? 'node' : 'browser' },
        ...(isForNode ? { external: ['ws'] } : {}),
      })
      for (const { text, location } of warnings) {
        if (!isTheirs(location?.file)) report(entry, text)
      }
    }
  },

  async rollup(report) {
    const { rollup } = await import('rollup')
    const { nodeResolve } = await import('@rollup/plugin-node-resolve')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    for (const { entry, output, isForNode } of jobs) {
      const bundle = await rollup({
        input: entry,
        plugins: [
          nodeResolve({ browser: !isForNode, preferBuiltins: isForNode }),
          // As the README of driver-nats says: the client of NATS is CommonJS.
          commonjs(),
        ],
        ...(isForNode ? { external } : {}),
        onwarn: ({ message, id, exporter, loc }) => {
          if (!isTheirs(id ?? loc?.file ?? exporter ?? message)) report(entry, message)
        },
      })
      await bundle.write({ file: output, format: 'es', inlineDynamicImports: true })
      await bundle.close()
    }
  },

  async webpack(report) {
    const { default: webpack } = await import('webpack')
    const run = (config) =>
      new Promise((resolve, reject) => {
        webpack(config, (error, stats) => (error === null ? resolve(stats) : reject(error)))
      })
    for (const isForNode of [false, true]) {
      const chosen = jobs.filter((job) => job.isForNode === isForNode)
      const stats = await run({
        mode: 'production',
        context: folder,
        target: [isForNode ? 'node' : 'web', 'es2022'],
        entry: Object.fromEntries(chosen.map(({ entry, output }) => [basename(output), entry])),
        output: {
          path: dirname(chosen[0].output),
          filename: '[name]',
          chunkFilename: 'chunk-[contenthash].mjs',
          module: true,
          library: { type: 'module' },
          publicPath: '',
        },
        experiments: { outputModule: true },
        optimization: { minimize: false },
        performance: { hints: false },
        ...(isForNode
          ? { externals: [({ request }, done) => done(null, external(request) && request)] }
          : {}),
      })
      const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
      for (const { message } of errors) report(folder, message)
      for (const { message, moduleName } of warnings) {
        if (!isTheirs(moduleName)) report(folder, message)
      }
    }
  },

  async vite(report) {
    const { build } = await import('vite')
    for (const { entry, output, isForNode } of jobs) {
      const complain = (message) => {
        if (!isTheirs(message)) report(entry, message)
      }
      await build({
        root: folder,
        configFile: false,
        customLogger: {
          ...{ info() {}, warn: complain, warnOnce: complain, error: complain, clearScreen() {} },
          ...{ hasErrorLogged: () => false, hasWarned: false },
        },
        ...(isForNode ? { ssr: { target: 'node' } } : {}),
        build: {
          ...{ outDir: dirname(output), emptyOutDir: false, ssr: isForNode, minify: false },
          ...{ target: 'es2022', copyPublicDir: false, chunkSizeWarningLimit: 5000 },
          rolldownOptions: {
            input: entry,
            preserveEntrySignatures: 'strict',
            output: { entryFileNames: basename(output), chunkFileNames: 'chunk-[hash].mjs' },
          },
        },
      })
    }
  },
}

const complaints = []
try {
  await bundlers[bundler]((place, message) => complaints.push(`${basename(place)}: ${message}`))
} catch (error) {
  complaints.push(error instanceof Error ? error.message : String(error))
}
console.log(JSON.stringify(complaints))
