/** Workers that record all frames, for tests. */
import { spawnRecordingWorker } from '@conclave/media/testing'
import { onTestFinished } from 'vitest'

/** A worker that outlives its session: what it recorded can be read until the test ends. */
export function tappedWorker(): Worker {
  const worker = spawnRecordingWorker()
  const end = worker.terminate.bind(worker)
  onTestFinished(end)
  worker.terminate = () => {}
  return worker
}
