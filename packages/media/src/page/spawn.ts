/**
 * Starts the worker.
 *
 * @module
 */
import { createScriptWorker } from '@conclave/base'
import { startWorker } from './worker-fault.ts'

/**
 * The worker script of this package as a module worker. Bundlers find it by the literal expression below and emit
 * it as a file of the application's own origin; `worker-src 'self'` is all the policy it needs, and `trusted-types conclave` where the
 * page requires Trusted Types and names its policies. spec M20, M41
 *
 * @throws MediaError `ERR_MEDIA_WORKER_START`
 */
export function spawnFrameWorker(): Worker {
  return startWorker('@conclave/media/worker', () =>
    createScriptWorker(
      (Worker) => new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module' }),
    ),
  )
}
