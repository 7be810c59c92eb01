/**
 * Plays what others say, through the chosen speaker, and knows when the browser does not let it.
 *
 * @module
 */
import { type ReadonlySignal, type Signal, effect, signal } from '@preact/signals'

/** All sound of a call; elements come and go with the people. */
export class SoundOutput {
  readonly #elements = new Set<HTMLMediaElement>()
  readonly #blocked: Signal<boolean> = signal(false)
  readonly #speakerId: () => string

  /** `speakerId` is read reactively; an empty id means the machine's default. */
  constructor(speakerId: () => string) {
    this.#speakerId = speakerId
  }

  /** Whether the browser waits for the person before it plays sound. */
  get blocked(): ReadonlySignal<boolean> {
    return this.#blocked
  }

  /** Plays an element's sound until the result is called. */
  attach(element: HTMLMediaElement): () => void {
    this.#elements.add(element)
    void this.#play(element)
    const stopFollowing = effect(() => {
      const id = this.#speakerId()
      if ('setSinkId' in element) void element.setSinkId(id).catch(() => undefined)
    })
    return () => {
      stopFollowing()
      this.#elements.delete(element)
      if (this.#elements.size === 0) this.#blocked.value = false
    }
  }

  /** Plays everything; must be called from a click or a key press. */
  unlock(): void {
    this.#blocked.value = false
    for (const element of this.#elements) void this.#play(element)
  }

  async #play(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play()
    } catch (error) {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError'
      if (isBlocked && this.#elements.has(element)) this.#blocked.value = true
    }
  }
}
