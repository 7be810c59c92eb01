/**
 * Starts the worker from the text that this package carries.
 *
 * @module
 */
import { createScriptWorker } from '@conclave/base'
import { startWorker } from './worker-fault.ts'
import { WORKER_TEXT } from './worker-text.ts'

/**
 * The worker without a file, for `createWorker`: where no bundler emits one, and where scripts come from another origin. You must allow it in the
 * content security policy with `worker-src blob:`, which lets every script of the page start workers from any text.
 * Prefer the file where you can. spec M42
 *
 * @throws MediaError `ERR_MEDIA_WORKER_START`
 */
export function spawnInlineWorker(): Worker {
  if (WORKER_TEXT === '') throw new Error('unreachable: the build writes the text of the worker')
  const address = URL.createObjectURL(new Blob([WORKER_TEXT], { type: 'text/javascript' }))
  try {
    return startWorker('@conclave/media/worker', () =>
      createScriptWorker((Worker) => new Worker(address, { type: 'module' })),
    )
  } finally {
    URL.revokeObjectURL(address)
  }
}
