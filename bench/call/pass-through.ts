/**
 * The peer of this benchmark: the same mesh with frames that nobody seals.
 *
 * @module
 */
import type { FrameProtector } from '@conclave/p2p'

/** A frame protector that protects nothing. Only for measuring. */
export class PassThrough implements FrameProtector {
  readonly connectionConfig = { encodedInsertableStreams: true } as const
  readonly codecs = { audio: ['audio/opus'], video: ['video/vp8'] } as const
  readonly #worker = new Worker(new URL('./pass-worker.ts', import.meta.url), { type: 'module' })
  readonly #waiting: (() => void)[] = []

  constructor() {
    this.#worker.addEventListener('message', () => this.#waiting.shift()?.())
  }

  protectSender(sender: RTCRtpSender): Promise<void> {
    return this.#attach(sender)
  }

  protectReceiver(receiver: RTCRtpReceiver): Promise<void> {
    return this.#attach(receiver)
  }

  async describe(): Promise<string> {
    return 'none'
  }

  async prepare(): Promise<void> {}

  release(): void {}

  close(): void {
    this.#worker.terminate()
  }

  #attach(target: RTCRtpSender | RTCRtpReceiver): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      target.transform = new RTCRtpScriptTransform(this.#worker, {})
    })
  }
}
