/**
 * The worker script of pages whose frames are in LiveKit's format: seals and opens, and can do nothing else.
 *
 * @module
 */
import { startFrameWorker } from '../worker/frame-worker.ts'
import { LiveKitFormat } from './format/livekit-format.ts'

startFrameWorker(self, {
  createFormat: (host) => new LiveKitFormat(host),
  now: () => performance.now(),
})
