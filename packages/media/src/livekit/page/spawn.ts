/**
 * Starts the worker of LiveKit's format.
 *
 * @module
 */
import { createScriptWorker } from '@conclave/base'
import { startWorker } from '../../page/worker-fault.ts'

/**
 * The worker script of LiveKit's format, as a module worker on the origin of the page. spec M20, M41
 *
 * @throws MediaError `ERR_MEDIA_WORKER_START`
 */
export function spawnLiveKitWorker(): Worker {
  return startWorker('@conclave/media/livekit/worker', () =>
    createScriptWorker(
      (Worker) => new Worker(new URL('../worker.js', import.meta.url), { type: 'module' }),
    ),
  )
}
