import { createMemoryEngine } from '@conclave/server'
import type { Engine } from '@conclave/server'

/** An engine whose answers take a while, as those of a message bus do: before it acts, and after. */
export function createSlowEngine(turns: () => number): Engine {
  const engine = createMemoryEngine()
  const wait = async (): Promise<void> => {
    for (let left = turns(); left > 0; left -= 1) await settle()
  }
  const slow = async <T>(act: () => Promise<T>): Promise<T> => {
    await wait()
    const result = await act()
    await wait()
    return result
  }
  return {
    attach: (lane, listener) =>
      slow(async () => {
        const channel = await engine.attach(lane, listener)
        return {
          enter: (entry) => slow(() => channel.enter(entry)),
          leave: (session) => slow(() => channel.leave(session)),
          publish: (message) => {
            const copy = { ...message, payload: message.payload.slice() }
            return slow(() => channel.publish(copy))
          },
          signal: (message) => channel.signal(message),
          detach: () => slow(() => channel.detach()),
        }
      }),
    close: () => engine.close(),
  }
}

/** Lets a turn of the event loop pass. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
