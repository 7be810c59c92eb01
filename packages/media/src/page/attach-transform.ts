/**
 * Puts a transform on a sender or receiver, by either of the two interfaces that browsers have. spec M18, M19
 *
 * @module
 */
import type { PipeOptions, ScriptTransformOptions } from '../shared/protocol.ts'
import type { WorkerLink } from './worker-link.ts'

/** `script-transform`: `RTCRtpScriptTransform`. `encoded-streams`: `createEncodedStreams`, in Chromium only. */
export type TransformApi = 'script-transform' | 'encoded-streams'

/** The interface to use; `undefined` if this engine lacks it, or for `auto` if it has neither. spec M55 */
export function findTransformApi(wish: 'auto' | TransformApi): TransformApi | undefined {
  const hasScript = typeof RTCRtpScriptTransform === 'function'
  const hasStreams =
    typeof RTCRtpSender === 'function' && 'createEncodedStreams' in RTCRtpSender.prototype
  if (wish !== 'encoded-streams' && hasScript) return 'script-transform'
  return wish !== 'script-transform' && hasStreams ? 'encoded-streams' : undefined
}

/**
 * Sets the transform now, before returning. Throws the browser's error: then nothing is protected. Never
 * undone: without a transform some engines send in clear.
 */
export function attachTransform(
  target: RTCRtpSender | RTCRtpReceiver,
  by: { readonly api: TransformApi; readonly link: WorkerLink; readonly options: PipeOptions },
): void {
  const { link, options } = by
  if (by.api === 'script-transform') {
    const carried: ScriptTransformOptions = { conclave: 'pipe', options }
    target.transform = new RTCRtpScriptTransform(link.worker, carried)
    return
  }
  const { readable, writable } = (target as WithEncodedStreams).createEncodedStreams()
  link.command({ type: 'attach-streams', options, readable, writable }, [readable, writable])
}

/** Not in the types: a Chromium interface that was never standardised. */
type WithEncodedStreams = (RTCRtpSender | RTCRtpReceiver) & {
  createEncodedStreams(): {
    readonly readable: ReadableStream
    readonly writable: WritableStream
  }
}
