/**
 * The recording worker behind an encoder of H.264 that puts a text into each frame, as some hardware does.
 */
import type { RecordedFrame } from '../../src/testing/recording.ts'
import { startFrameWorker } from '../../src/worker/frame-worker.ts'
import { SFrameFormat } from '../../src/worker/sframe-format.ts'
import type {
  EncodedMediaFrame,
  FrameWorkerScope,
  ScriptTransformer,
} from '../../src/worker/worker-scope.ts'
import { SUPPLEMENT, withSupplement } from './supplement.ts'

const frames: RecordedFrame[] = []
const scope = self as unknown as FrameWorkerScope

const withTexts = (transformer: ScriptTransformer): ScriptTransformer => {
  const { readable, writable, options } = transformer
  const put = new TransformStream<EncodedMediaFrame, EncodedMediaFrame>({
    transform(frame, output) {
      const { mimeType = '' } = frame.getMetadata()
      if (mimeType.toLowerCase() === 'video/h264') {
        frame.data = withSupplement(new Uint8Array(frame.data), SUPPLEMENT).buffer
      }
      output.enqueue(frame)
    },
  })
  return { readable: readable.pipeThrough(put), writable, options }
}

/** The scope as the worker sees it: transformers come with the frames of that encoder. */
const behindEncoder: FrameWorkerScope = {
  postMessage: (message) => scope.postMessage(message),
  addEventListener(type: string, listener: (event: never) => void) {
    if (type === 'message') return scope.addEventListener('message', listener as never)
    scope.addEventListener('rtctransform', ({ transformer }) =>
      listener({ transformer: withTexts(transformer) } as never),
    )
  },
}

startFrameWorker(behindEncoder, {
  createFormat: (host) => new SFrameFormat(host),
  now: () => performance.now(),
  record: (point, { data, options }) => {
    const { participant, label, kind } = options
    frames.push({ point, participant, label, kind, data: data.slice() })
  },
})

self.addEventListener('message', ({ data, ports }) => {
  if (data?.type === 'read-recording') ports[0]?.postMessage(frames)
})
