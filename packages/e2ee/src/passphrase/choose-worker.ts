import { checkFunction, createScriptWorker } from '@conclave/base'

/** The place where Argon2id stretches a passphrase. PBKDF2 is the platform's, and never needs a worker. spec K49 */
export interface PassphraseWorkerOptions {
  /**
   * Starts a worker whose script is `@conclave/e2ee/passphrase-worker`, which ends with the stretching. Left out: in a page this package's
   * own, found by the bundler; elsewhere (Node, Deno, Bun, workers) none, as no page waits for the thread. `'none'`: the calling thread
   * stretches, and a page shows and answers nothing for that time
   */
  readonly createWorker?: (() => Worker) | 'none'
}

/** The function that starts the worker; `undefined` where the calling thread stretches. */
export function chooseWorker(
  createWorker: PassphraseWorkerOptions['createWorker'],
): (() => Worker) | undefined {
  if (createWorker === undefined) return isPage() ? spawnPassphraseWorker : undefined
  return createWorker === 'none' ? undefined : createWorker
}

/** @throws TypeError that names the argument */
export function checkCreateWorker(createWorker: PassphraseWorkerOptions['createWorker']): void {
  if (createWorker === undefined || createWorker === 'none') return
  checkFunction('createWorker', createWorker)
}

const isPage = (): boolean => 'document' in globalThis && typeof Worker === 'function'

/** Bundlers find the script by the literal expression below and emit it as a file of the application's own origin. */
const spawnPassphraseWorker = (): Worker =>
  createScriptWorker(
    (Worker) => new Worker(new URL('../passphrase-worker.js', import.meta.url), { type: 'module' }),
  )
