import type { ScriptTransformer } from './worker-scope.ts'

/** Asks for key frames of one video track: its encoder, or the sender at the other end. spec M22 */
export class KeyFrameRequests {
  readonly #options: KeyFrameRequestsOptions
  #count = 0
  #passed = 0
  #isDue = false
  #sentAtMs = Number.NEGATIVE_INFINITY

  constructor(options: KeyFrameRequestsOptions) {
    this.#options = options
  }

  /** How many were asked for. */
  get count(): number {
    return this.#count
  }

  /** How many key frames passed. */
  get passed(): number {
    return this.#passed
  }

  /** A key frame passed. */
  notePassedKeyFrame(): void {
    this.#passed += 1
  }

  /** Asks the encoder; `false` if this engine's transformer has no way to. */
  generate(): boolean {
    const { transformer } = this.#options
    if (!transformer?.generateKeyFrame) return false
    this.#count += 1
    transformer.generateKeyFrame().catch(() => {})
    return true
  }

  /** The decoder missed a frame: it needs a key frame once frames pass again. */
  noteMissedFrame(): void {
    this.#isDue = true
  }

  /** A frame passed: asks the sender if the decoder needs a key frame. */
  notePassedFrame(): void {
    if (this.#isDue) this.ask()
  }

  /** Asks the sender of a received track, not too often since other receivers ask too. */
  ask(): void {
    const { kind, transformer } = this.#options
    const nowMs = this.#options.now()
    if (nowMs - this.#sentAtMs < KEY_FRAME_SPACING_MS) return
    this.#isDue = false
    if (kind !== 'video' || !transformer?.sendKeyFrameRequest) return
    this.#sentAtMs = nowMs
    this.#count += 1
    transformer.sendKeyFrameRequest().catch(() => {})
  }
}

/** The track's kind, its transformer where there is one, and the time. */
export interface KeyFrameRequestsOptions {
  readonly kind: 'audio' | 'video'
  readonly transformer: ScriptTransformer | undefined
  now(): number
}

const KEY_FRAME_SPACING_MS = 1000
