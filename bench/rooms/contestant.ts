/**
 * A checkout that is measured: its page, built, and its hub in a separate process, which serves that page.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type InlineConfig, build, defaultClientConditions } from 'vite'

/** A checkout with its installed packages. */
export class Contestant {
  readonly origin: string
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.origin = `http://localhost:${port}`
    this.#process = child
  }

  /** Builds the page with the packages of a checkout and starts the checkout's hub. */
  static async start(name: string, checkout: string): Promise<Contestant> {
    const outDir = join(import.meta.dirname, `../../node_modules/.cache/bench-rooms-${name}`)
    await build({
      root: import.meta.dirname,
      configFile: false,
      logLevel: 'warn',
      resolve: {
        conditions: ['@conclave/source', ...defaultClientConditions],
        alias: { '@conclave/client': join(checkout, 'packages/client/src/index.ts') },
      },
      worker: { format: 'es' },
      build: { outDir, target: 'es2022', emptyOutDir: true },
    } satisfies InlineConfig)
    const child = fork(join(import.meta.dirname, 'hub-process.ts'), [checkout, outDir], {
      // Packages of the checkout, as their sources say.
      execArgv: ['--conditions=@conclave/source'],
    })
    const [port] = await once(child, 'message')
    return new Contestant(child, port)
  }

  stop(): void {
    this.#process.disconnect()
  }
}
