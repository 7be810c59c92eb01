import { afterEach, beforeEach, expect, test } from 'vitest'
import { TypedEventTarget } from '@conclave/p2p'

let uncaught: string[]
let listeners: NodeJS.UncaughtExceptionListener[]
beforeEach(() => {
  const errors: string[] = []
  uncaught = errors
  listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => errors.push(error.message))
})
afterEach(() => {
  process.removeAllListeners('uncaughtException')
  for (const listener of listeners) process.on('uncaughtException', listener)
})

const fail = (): never => {
  throw new Error('mistake of the app')
}

test('[S2] a listener of an event disturbs neither the emitting side nor other listeners', async () => {
  class Target extends TypedEventTarget<{ event: number }> {
    emit(value: number): void {
      this.raise('event', value)
    }
  }
  const target = new Target()
  const heard: number[] = []
  target.on('event', fail)
  target.addEventListener('event', fail)
  const stop = target.on('event', (value) => heard.push(value))
  target.emit(7)
  stop()
  target.emit(8)
  expect(heard).toEqual([7])
  await expect.poll(() => uncaught).toHaveLength(4)
})
