/**
 * Takes the function of a transform out of its stream: so the work on a frame is measured without the streams of the engine, which
 * are the same for everybody.
 *
 * @module
 */

/** A frame as engines give it to a transform. */
export interface BenchFrame {
  data: ArrayBuffer
  readonly type?: 'key' | 'delta'
  readonly timestamp: number
  getMetadata(): { readonly mimeType: string; readonly synchronizationSource: number }
}

/** Works on one frame: its data are others afterwards, or it is not passed on. */
export type Transform = (frame: BenchFrame) => Promise<boolean>

/** The stream that would carry the frames. */
export interface FakeStreams {
  readonly readable: ReadableStream
  readonly writable: WritableStream
}

/** Calls `attach`, which makes one `TransformStream` out of these streams, and gives back its function. */
export function captureTransform(
  attach: (streams: FakeStreams, TransformStream: unknown) => void,
): Transform {
  let passed = 0
  const controller = { enqueue: () => void (passed += 1) }
  let transform: ((frame: BenchFrame, to: typeof controller) => Promise<void>) | undefined
  class Captured {
    constructor(made: {
      start?(to: typeof controller): void
      transform(frame: BenchFrame, to: typeof controller): Promise<void>
    }) {
      made.start?.(controller)
      transform = (frame, to) => made.transform(frame, to)
    }
  }
  const never = new Promise<void>(() => {})
  const readable = { pipeThrough: () => ({ pipeTo: () => never }) } as unknown as ReadableStream
  attach({ readable, writable: {} as WritableStream }, Captured)
  return async (frame) => {
    if (!transform) throw new Error('no transform was made')
    const before = passed
    await transform(frame, controller)
    return passed > before
  }
}
