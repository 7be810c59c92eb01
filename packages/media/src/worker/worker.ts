/**
 * The worker script that applications load: seals and opens, and can do nothing else. It is a separate entry, so that
 * every bundler can emit it as a file and a policy of `worker-src 'self'` is enough.
 *
 * @module
 */
import { startFrameWorker } from './frame-worker.ts'
import { SFrameFormat } from './sframe-format.ts'

startFrameWorker(self, {
  createFormat: (host) => new SFrameFormat(host),
  now: () => performance.now(),
})
