/** Listeners and workers that a page holds, counted from outside while a test runs. */
import { onTestFinished } from 'vitest'

/** Counts from now on until the test ends. */
export function watchHeld(): { readonly listeners: () => number; readonly workers: () => number } {
  const held = watchListeners()
  return {
    listeners: () => [...held.values()].reduce((sum, keys) => sum + keys.size, 0),
    // Those on a worker end with it.
    workers: watchWorkers((worker) => held.delete(worker)),
  }
}

/** The listeners on everything but connections, whose listeners end with them. */
function watchListeners(): Map<EventTarget, Set<string>> {
  const { prototype } = EventTarget
  const { addEventListener, removeEventListener } = prototype
  const held = new Map<EventTarget, Set<string>>()
  const idByListener = new Map<unknown, number>()
  const keyOf = (type: string, listener: unknown, options: unknown): string => {
    const id = idByListener.get(listener) ?? idByListener.size
    idByListener.set(listener, id)
    const isCapture = typeof options === 'object' ? Object(options).capture : options
    return `${type} ${id} ${isCapture === true}`
  }
  const forget = (target: EventTarget, key: string): void => {
    held.get(target)?.delete(key)
  }
  prototype.addEventListener = function (this: EventTarget, type, listener, options) {
    // `this` is left out where a page calls it as a plain function.
    const target = this ?? globalThis
    addEventListener.call(target, type, listener, options)
    if (listener === null || target instanceof RTCPeerConnection) return
    const key = keyOf(type, listener, options)
    const { once, signal } = Object(options) as AddEventListenerOptions
    if (signal?.aborted === true) return
    held.set(target, (held.get(target) ?? new Set()).add(key))
    const end = (): void => forget(target, key)
    if (signal) addEventListener.call(signal, 'abort', end)
    if (once === true) addEventListener.call(target, type, end, { once: true })
  }
  prototype.removeEventListener = function (this: EventTarget, type, listener, options) {
    const target = this ?? globalThis
    removeEventListener.call(target, type, listener, options)
    forget(target, keyOf(type, listener, options))
  }
  onTestFinished(() => {
    Object.assign(prototype, { addEventListener, removeEventListener })
  })
  return held
}

/** The workers that were made and not ended. */
function watchWorkers(ended: (worker: Worker) => void): () => number {
  const { Worker: Original } = globalThis
  const running = new Set<Worker>()
  globalThis.Worker = class extends Original {
    constructor(...parameters: ConstructorParameters<typeof Worker>) {
      super(...parameters)
      running.add(this)
    }

    override terminate(): void {
      running.delete(this)
      ended(this)
      super.terminate()
    }
  }
  onTestFinished(() => {
    globalThis.Worker = Original
  })
  return () => running.size
}
