/**
 * The worker of the wiretap test: the same code as the production worker, with a recorder on both sides of it
 * (spec M27). Only a page that starts this script has it.
 *
 * @module
 */
import { startFrameWorker } from '../worker/frame-worker.ts'
import { SFrameFormat } from '../worker/sframe-format.ts'
import type { RecordedFrame } from './recording.ts'

// Module state: this file is the main program of a worker.
const frames: RecordedFrame[] = []

startFrameWorker(self, {
  createFormat: (host) => new SFrameFormat(host),
  now: () => performance.now(),
  record: (point, { data, options }) => {
    const { participant, label, kind } = options
    if (frames.length < 10_000) frames.push({ point, participant, label, kind, data: data.slice() })
  },
})

self.addEventListener('message', ({ data, ports }) => {
  if (data?.type === 'read-recording') ports[0]?.postMessage(frames)
})

/** For test drivers that evaluate code in the worker itself. */
Object.assign(self, { conclaveRecording: frames })
