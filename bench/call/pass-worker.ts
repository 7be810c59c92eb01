/**
 * A transform that does nothing: what the browser's plumbing costs by itself.
 *
 * @module
 */
export {}

interface TransformScope {
  onrtctransform: ((event: { readonly transformer: PassTransformer }) => void) | null
  postMessage(message: unknown): void
}

interface PassTransformer {
  readonly readable: ReadableStream
  readonly writable: WritableStream
}

const scope = globalThis as unknown as TransformScope
scope.onrtctransform = ({ transformer }) => {
  const pass = new TransformStream({
    transform: (frame, controller) => controller.enqueue(frame),
  })
  void transformer.readable.pipeThrough(pass).pipeTo(transformer.writable)
  scope.postMessage('attached')
}
