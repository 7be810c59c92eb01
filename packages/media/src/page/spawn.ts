/**
 * Starts the worker.
 *
 * @module
 */

/**
 * The worker script of this package as a module worker. Bundlers find it by the literal expression below and emit
 * it as a file of the application's own origin; `worker-src 'self'` is all the policy it needs. spec M20
 */
export function spawnFrameWorker(): Worker {
  return new Worker(new URL('../worker/worker.js', import.meta.url), { type: 'module' })
}
