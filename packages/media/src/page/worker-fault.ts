/**
 * The errors of a worker that does not start.
 *
 * @module
 */
import { describeWorkerFault, WorkerStart } from '@conclave/base'
import type { WorkerFault } from '@conclave/base'
import { MediaError } from '../errors.ts'

/** Says what happened to a worker that did not start, and what the application can do: the texts of a problem. spec M43 */
export function describeWorkerStart(error: MediaError<'ERR_MEDIA_WORKER_START'>): {
  readonly reason: string
  readonly fix: string
} {
  return describeWorkerFault(error.details.reason, NAMES)
}

/** The error of a worker that did not start. */
export function startError(
  reason: WorkerFault,
  cause?: unknown,
): MediaError<'ERR_MEDIA_WORKER_START'> {
  const texts = describeWorkerFault(reason, NAMES)
  const message = `${texts.reason}; ${texts.fix}`
  return new MediaError(
    'ERR_MEDIA_WORKER_START',
    { reason },
    { message, ...(cause !== undefined && { cause }) },
  )
}

/** Makes a worker for an application that asks for one. @throws MediaError `ERR_MEDIA_WORKER_START` */
export function startWorker(make: () => Worker): Worker {
  const start = new WorkerStart(make)
  start.close()
  if (start.worker) return start.worker
  throw startError(start.faultOf(), start.cause)
}

const NAMES = { name: 'the media worker', entry: '@conclave/media/worker' }
