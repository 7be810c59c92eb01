import { expect, test } from 'vitest'
import { Carrier, joinSealed, settled } from '../fixtures.ts'

test('[T12] a handler that throws disturbs neither other handlers nor later events', async () => {
  const uncaught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => uncaught.push(error.message))
  try {
    const carrier = new Carrier()
    const alice = joinSealed(carrier, { sender: 'alice' })
    const bob = joinSealed(carrier, { sender: 'bob' })
    const values: unknown[] = []
    const stop = bob.channel.on('message', () => {
      throw new Error('mistake of the app')
    })
    bob.channel.on('message', (value) => values.push(value))
    await alice.channel.send('message', 1)
    carrier.flush()
    await settled(carrier, alice, bob)
    stop()
    await alice.channel.send('message', 2)
    carrier.flush()
    await settled(carrier, alice, bob)
    expect([values, bob.drops]).toEqual([[1, 2], []])
    expect(uncaught).toEqual(['mistake of the app'])
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
})
