import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sealWebSocket } from '@conclave/adapters/websocket'
import { Carrier, CONTEXT, joinSealed, ringOf, settled } from '../fixtures.ts'

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withNullPrototype: true,
  withTypedArray: true,
})

test('[T13] no received value of any shape makes a channel throw or reaches a handler', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anything, anything), { maxLength: 20 }),
      async (messages) => {
        const carrier = new Carrier()
        const bob = joinSealed(carrier, { sender: 'bob', keepUnknown: 4 })
        carrier.deliver(...messages.map(([name, envelope]) => ({ name, envelope })))
        await settled(carrier, bob)
        expect(bob.values).toEqual([])
        expect(bob.drops).toHaveLength(messages.length)
        await bob.channel.close()
      },
    ),
    { numRuns: 200 },
  )
})

test('[T6, T13] an envelope with one property replaced by any value reaches no handler', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  await alice.channel.send('message', { body: 'canary' })
  const [{ envelope } = { envelope: {} }] = carrier.messages.splice(0)
  await alice.channel.close()
  const names = Object.keys(envelope as object)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), anything, async (property, value) => {
      const changed = { ...(envelope as Record<string, unknown>), [property]: value }
      fc.pre(
        JSON.stringify([changed[property]], big) !==
          JSON.stringify([(envelope as Record<string, unknown>)[property]]),
      )
      const bob = joinSealed(carrier, { sender: 'bob' })
      carrier.deliver({ name: 'message', envelope: changed })
      await settled(carrier, bob)
      expect(bob.values).toEqual([])
      expect(bob.drops).toHaveLength(1)
      await bob.channel.close()
    }),
    { numRuns: 300 },
  )
})

const big = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? `${value}n` : value

test('[T13, T41] no hostile frame makes a sealed socket throw or reaches a handler', async () => {
  const frames = fc.oneof(
    anything,
    fc.string(),
    fc.json(),
    fc.record({ event: fc.string(), data: fc.jsonValue() }).map((frame) => JSON.stringify(frame)),
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => new Uint8Array([1, 0, 3, 97, 98, 99, ...bytes]).buffer),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(frames, { maxLength: 20 }), async (messages) => {
      const socket = Object.assign(new EventTarget(), {
        readyState: 1,
        bufferedAmount: 0,
        binaryType: 'blob',
        send: () => {},
      })
      const channel = sealWebSocket(socket, { keys: ringOf(), context: CONTEXT, sender: 'bob' })
      let drops = 0
      channel.on('dropped', () => (drops += 1))
      for (const data of messages) {
        socket.dispatchEvent(Object.assign(new Event('message'), { data }))
      }
      await expect.poll(() => drops).toBe(messages.length)
      await channel.close()
    }),
    { numRuns: 100 },
  )
})
