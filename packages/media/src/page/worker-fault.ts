/**
 * The errors of a worker that does not start.
 *
 * @module
 */
import { describeWorkerFault, WorkerStart } from '@conclave/base'
import type { WorkerFault } from '@conclave/base'
import { MediaError } from '../errors.ts'
import type { WorkerEntry } from '../errors.ts'

/** Says what happened to a worker that did not start, and what the application can do: the texts of a problem. spec M43 */
export function describeWorkerStart(error: MediaError<'ERR_MEDIA_WORKER_START'>): {
  readonly reason: string
  readonly fix: string
} {
  return describeWorkerFault(error.details.reason, namesOf(error.details.entry))
}

/** The error of the worker of an entry that did not start. */
export function startError(
  entry: WorkerEntry,
  reason: WorkerFault,
  cause?: unknown,
): MediaError<'ERR_MEDIA_WORKER_START'> {
  const texts = describeWorkerFault(reason, namesOf(entry))
  const message = `${texts.reason}; ${texts.fix}`
  return new MediaError(
    'ERR_MEDIA_WORKER_START',
    { reason, entry },
    { message, ...(cause !== undefined && { cause }) },
  )
}

/** Makes the worker of an entry for an application that asks for one. @throws MediaError `ERR_MEDIA_WORKER_START` */
export function startWorker(entry: WorkerEntry, make: () => Worker): Worker {
  const start = new WorkerStart(make)
  start.close()
  if (start.worker) return start.worker
  throw startError(entry, start.faultOf(), start.cause)
}

/** An error of another copy of this package may name no entry. */
const namesOf = (
  entry: WorkerEntry | undefined,
): { readonly name: string; readonly entry: WorkerEntry } => ({
  name: 'the media worker',
  entry: entry === LIVEKIT ? LIVEKIT : '@conclave/media/worker',
})

const LIVEKIT = '@conclave/media/livekit/worker'
