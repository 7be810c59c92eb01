/**
 * Sharing one's own screen.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { CallPort } from './client-port.ts'
import type { MediaPort } from './media-port.ts'
import type { Notices } from './notices.ts'

/** Starts and stops the share; ends with `close()`. */
export class ScreenShare {
  /** Whether the browser can share a screen at all. */
  readonly isPossible: boolean
  readonly #state: Signal<'off' | 'choosing' | 'on'> = signal('off')
  readonly #room: CallPort
  readonly #port: MediaPort
  readonly #notices: Notices
  #stream: MediaStream | undefined
  #closed = false

  constructor(room: CallPort, context: { readonly port: MediaPort; readonly notices: Notices }) {
    this.#room = room
    this.#port = context.port
    this.#notices = context.notices
    this.isPossible = context.port.canShareScreen
  }

  /** `choosing` while the browser asks what to share. */
  get state(): ReadonlySignal<'off' | 'choosing' | 'on'> {
    return this.#state
  }

  /** Starts sharing, or stops it. */
  async toggle(): Promise<void> {
    if (this.#state.peek() === 'on') return this.#stop()
    if (this.#state.peek() === 'choosing') return
    this.#state.value = 'choosing'
    const opened = await this.#port.openScreen()
    if (this.#closed) {
      if (opened.type === 'stream') stopTracks(opened.stream)
      return
    }
    if (opened.type !== 'stream') {
      this.#state.value = 'off'
      if (opened.type === 'failed') this.#notices.show({ type: 'share-failed' })
      return
    }
    await this.#begin(opened.stream)
  }

  /** Stops capturing; the room is left by whoever ends the call. */
  close(): void {
    this.#closed = true
    this.#release()
  }

  async #begin(stream: MediaStream): Promise<void> {
    this.#stream = stream
    for (const track of stream.getVideoTracks()) {
      track.addEventListener('ended', () => {
        if (this.#stream === stream) void this.#stop()
      })
    }
    try {
      await this.#room.publish(stream, { source: 'screen' })
      if (this.#stream === stream) this.#state.value = 'on'
    } catch {
      this.#notices.show({ type: 'share-failed' })
      await this.#stop()
    }
  }

  #release(): void {
    if (this.#stream !== undefined) stopTracks(this.#stream)
    this.#stream = undefined
    this.#state.value = 'off'
  }

  async #stop(): Promise<void> {
    const hadSound = (this.#stream?.getAudioTracks().length ?? 0) > 0
    this.#release()
    await this.#room.unpublish('screen').catch(() => undefined)
    if (hadSound) await this.#room.unpublish('screen-audio').catch(() => undefined)
  }
}

const stopTracks = (stream: MediaStream): void => {
  for (const track of stream.getTracks()) track.stop()
}
