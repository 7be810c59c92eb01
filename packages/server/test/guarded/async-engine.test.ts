import { MemoryClient } from '@conclave/server/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSlowEngine, settle } from '../slow-engine.ts'
import { createGuardedHub, enter, PRESENCE } from './support.ts'

/** The members of the channel but the client itself, as it has been told. */
function roster(client: MemoryClient): string[] {
  const present = new Set<string>()
  for (const message of client.messages) {
    if (message.type === 'memberPage') for (const { id } of message.members) present.add(id)
    if (message.type === 'memberJoined') present.add(message.member.id)
    if (message.type === 'memberLeft') present.delete(message.member)
  }
  const own = client.heard('subscribed')[0]?.member
  return [...present].filter((id) => id !== own).toSorted()
}

const settleAll = async (): Promise<void> => {
  for (let times = 0; times < 30; times += 1) await settle()
}

const ACTS = [
  ...['enter', 'enter', 'enter', 'turn', 'turn', 'turn', 'leave', 'close', 'close', 'lose'],
  ...['kick', 'publish', 'wait', 'pass'],
]

test('[G6, G8, G16, G17] no order of subscribing, leaving, losing and kicking leaves a ghost, however slow the engine is', async () => {
  const step = fc.record({ who: fc.nat(1), act: fc.constantFrom(...ACTS) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }),
      async (steps, delays) => {
        let count = 0
        const engine = createSlowEngine(() => delays[(count += 1) % delays.length] ?? 0)
        const { hub, clock } = createGuardedHub({ engine })
        const witness = await enter(hub, 'witness.x')
        const open: (MemoryClient | undefined)[] = []
        const all: MemoryClient[] = []
        const pending: Promise<unknown>[] = []
        for (const { who, act } of steps) {
          if (act === 'turn') await settle()
          if (act === 'wait') await Promise.all(pending)
          if (act === 'pass') clock.advance(4000)
          if (act === 'enter') {
            const client = (open[who] = new MemoryClient(hub))
            all.push(client)
            pending.push(client.subscribe(PRESENCE, { token: `user${who}.x` }))
          }
          const client = open[who]
          if (act === 'kick') hub.channels.revoke({ type: 'kick', app: '', user: `user${who}` })
          if (client === undefined || client.end !== undefined) continue
          const channel = client.heard('subscribed')[0]?.channel
          if (act === 'leave' && channel !== undefined)
            pending.push(client.say({ type: 'unsubscribe', channel }))
          if (act === 'close') client.close(1000)
          if (act === 'lose') client.close(1006)
          if (act === 'publish' && channel !== undefined) void client.publish(new Uint8Array([1]))
        }
        await Promise.all(pending)
        await settleAll()
        clock.advance(8000)
        await settleAll()
        const late = await enter(hub, 'late.x')
        await late.members()
        await settleAll()
        const [own = '', other = ''] = [witness, late].map(
          (client) => client.heard('subscribed')[0]?.member,
        )
        expect([...roster(witness), own].toSorted()).toEqual([...roster(late), other].toSorted())
        for (const client of [...all, witness]) client.close(1000)
        await settleAll()
        clock.advance(8000)
        expect(await late.members({ after: '' })).toMatchObject({ total: 1 })
        late.close(1000)
        await settleAll()
        expect(hub.stats()).toMatchObject({ connections: 0, guardedChannels: 0, subscriptions: 0 })
      },
    ),
    { seed: 3, numRuns: 150 },
  )
}, 60_000)
