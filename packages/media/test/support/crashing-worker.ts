/**
 * The worker, with a way for tests to make it fail.
 */
import { startFrameWorker } from '../../src/worker/frame-worker.ts'
import { SFrameFormat } from '../../src/worker/sframe-format.ts'
import type { FrameWorkerScope } from '../../src/worker/worker-scope.ts'

startFrameWorker(self as unknown as FrameWorkerScope, {
  createFormat: (host) => new SFrameFormat(host),
  now: () => performance.now(),
})

self.addEventListener('message', ({ data }) => {
  if (data?.type === 'crash') throw new Error('an invariant broke, on purpose')
  if (data?.type === 'hang') for (;;);
})
