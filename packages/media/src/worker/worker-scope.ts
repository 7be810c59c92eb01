/**
 * The parts of a worker's global scope and of encoded frames that are used: written out, because TypeScript's libraries for
 * workers and pages exclude each other, and so that tests can provide the scope.
 *
 * @module
 */
import type { FromWorker, ToWorker } from '../shared/protocol.ts'

/** `RTCEncodedAudioFrame` or `RTCEncodedVideoFrame`. */
export interface EncodedMediaFrame {
  data: ArrayBuffer
  /** Of video: as the depacketizer reads the clear prefix, which frames authenticate. */
  readonly type?: string
  getMetadata(): {
    readonly mimeType?: string
    readonly synchronizationSource?: number
    readonly spatialIndex?: number
    readonly temporalIndex?: number
  }
}

/** `RTCRtpScriptTransformer`; each engine has one of the two methods or both. */
export interface ScriptTransformer {
  readonly readable: ReadableStream<EncodedMediaFrame>
  readonly writable: WritableStream<EncodedMediaFrame>
  readonly options: unknown
  generateKeyFrame?(rid?: string): Promise<unknown>
  sendKeyFrameRequest?(): Promise<unknown>
}

/** The part of `DedicatedWorkerGlobalScope` that is used. */
export interface FrameWorkerScope {
  postMessage(message: FromWorker): void
  addEventListener(type: 'message', listener: (event: { readonly data: ToWorker }) => void): void
  addEventListener(
    type: 'rtctransform',
    listener: (event: { readonly transformer: ScriptTransformer }) => void,
  ): void
}
