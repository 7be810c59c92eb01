import { createMemoryEngine } from '@conclave/server'
import type { Engine } from '@conclave/server'
import { createTestRoom, createTestSession, MemoryClient } from '@conclave/server/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSlowEngine, settle } from '../slow-engine.ts'
import { createTestHub, gather, unreachable } from '../support.ts'

/** The sessions in the room, as a client has been told. */
function roster(client: MemoryClient): string[] {
  const present = new Set<string>()
  for (const message of client.messages) {
    if (message.type === 'joined')
      for (const participant of message.participants) present.add(participant)
    if (message.type === 'participantJoined') present.add(message.participant)
    if (message.type === 'participantLeft') present.delete(message.participant)
  }
  return [...present].toSorted()
}

test('[H14, H15, H16] no order of joins, leaves and closes leaves a ghost, however slow the engine is', async () => {
  const step = fc.record({
    who: fc.nat(2),
    act: fc.constantFrom(
      'enter',
      'enter',
      'connect',
      'join',
      'leave',
      'close',
      'publish',
      'turn',
      'wait',
    ),
  })
  const room = await createTestRoom()
  const people = await Promise.all(Array.from({ length: 3 }, () => createTestSession()))
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }),
      async (steps, delays) => {
        let count = 0
        const { hub } = createTestHub({
          engine: createSlowEngine(() => delays[(count += 1) % delays.length] ?? 0),
        })
        const witness = new MemoryClient(hub)
        await witness.join(room)
        const open: (MemoryClient | undefined)[] = []
        const all: MemoryClient[] = []
        const pending: Promise<unknown>[] = []
        for (const { who, act } of steps) {
          if (act === 'turn') await settle()
          if (act === 'wait') await Promise.all(pending)
          const session = people[who] ?? unreachable()
          const isNew = act === 'connect' || act === 'enter'
          if (isNew) all.push((open[who] = new MemoryClient(hub, { session })))
          const client = open[who]
          if (client === undefined || client.end !== undefined) continue
          if (act === 'join' || act === 'enter') pending.push(client.join(room))
          if (act === 'leave') pending.push(client.say({ type: 'leave', room: room.id }))
          if (act === 'close') client.close(1006)
          if (act === 'publish' && client.heard('joined').length > 0)
            void client.publish(new Uint8Array([1]))
        }
        await Promise.all(pending)
        for (const client of all) if (client.end !== undefined) client.close(1006)
        for (let times = 0; times < 30; times += 1) await settle()
        const late = new MemoryClient(hub)
        await late.join(room)
        expect(roster(witness)).toEqual(
          [...roster(late), late.participant].filter((id) => id !== witness.participant).toSorted(),
        )
        for (const client of [...all, witness, late]) client.close(1000)
        for (let times = 0; times < 30; times += 1) await settle()
        expect(hub.stats()).toMatchObject({ connections: 0, channels: 0 })
      },
    ),
    { seed: 2, numRuns: 200 },
  )
}, 60_000)

test('[H27] an engine that fails ends the connections that want to join, and nothing else', async () => {
  const engine = createMemoryEngine()
  let isBroken = false
  const fragile: Engine = {
    attach: async (room, listener) => {
      if (isBroken) throw new Error('canary')
      const channel = await engine.attach(room, listener)
      return {
        ...channel,
        leave: (membership) =>
          isBroken ? Promise.reject(new Error('canary')) : channel.leave(membership),
      }
    },
    close: () => engine.close(),
  }
  const { hub, lines } = createTestHub({ engine: fragile })
  const { room, clients } = await gather(hub, 2)
  const [alice, bob] = clients
  isBroken = true
  const late = new MemoryClient(hub)
  await late.join(await createTestRoom())
  await alice?.say({ type: 'leave', room: room.id })
  await alice?.say({ type: 'ping', id: 1 })
  expect([late.end?.code, alice?.end, bob?.end]).toEqual([4503, undefined, undefined])
  isBroken = false
  const again = new MemoryClient(hub)
  await again.join(await createTestRoom())
  expect(again.end).toBeUndefined()
  await settle()
  expect(
    lines.filter((line) => line.includes('"failed","part":"engine"')).length,
  ).toBeGreaterThanOrEqual(2)
  expect(lines.join('\n')).not.toContain('canary')
})
