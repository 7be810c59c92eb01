/**
 * Starts a recording worker, and reads the frames that it recorded.
 *
 * @module
 */
import { createScriptWorker } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'

/** One frame at one point of its way, copied. */
export interface RecordedFrame {
  /** Before sealing, after it, before opening, after it. */
  readonly point: 'encoder' | 'to-network' | 'from-network' | 'decoder'
  readonly participant: ParticipantId
  readonly label: string
  readonly kind: 'audio' | 'video'
  readonly data: Uint8Array
}

/** Starts the recording worker; give it to `FrameCrypto` as `createWorker`, and keep it to read from. */
export function spawnRecordingWorker(): Worker {
  return createScriptWorker(
    (Worker) => new Worker(new URL('./recording-worker.js', import.meta.url), { type: 'module' }),
  )
}

/** Everything recorded so far, in the order in which it happened; at most 10 000 frames. */
export function readRecording(worker: Worker): Promise<readonly RecordedFrame[]> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.addEventListener('message', ({ data }) => resolve(data as readonly RecordedFrame[]), {
      once: true,
    })
    port1.start()
    worker.postMessage({ type: 'read-recording' }, [port2])
  })
}
