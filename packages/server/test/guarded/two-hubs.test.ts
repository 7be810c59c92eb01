/** Two hubs on one engine: each tells what its connections do. */
import { VirtualClock } from '@conclave/base/testing'
import { createMemoryEngine } from '@conclave/server'
import type { Engine, GuardedEvent, Hub } from '@conclave/server'
import { expect, test } from 'vitest'
import { createGuardedHub, enter, settle } from './support.ts'

interface Told {
  readonly hub: Hub
  readonly events: string[]
  readonly bodies: { readonly hub: string; readonly events: readonly { readonly type: string }[] }[]
}

function createHubs(): { readonly one: Told; readonly other: Told; readonly clock: VirtualClock } {
  const clock = new VirtualClock()
  const engine = createMemoryEngine({ clock })
  return { one: createTold(engine, clock), other: createTold(engine, clock), clock }
}

function createTold(engine: Engine, clock: VirtualClock): Told {
  const [events, bodies]: [string[], Told['bodies']] = [[], []]
  const channelKey = new Uint8Array(32).fill(3)
  const secret = new Uint8Array(32).fill(4)
  const { hub } = createGuardedHub({
    ...{ engine, clock, channelKey },
    webhooks: {
      targets: [{ app: '', url: 'https://shop.example/hook', secret }],
      post: async ({ body }) => {
        bodies.push(JSON.parse(new TextDecoder().decode(body)) as Told['bodies'][number])
        return { status: 200, body: new Uint8Array() }
      },
    },
  })
  const tell = ({ type, member }: GuardedEvent): string => `${type} ${member?.user ?? ''}`.trim()
  hub.channels.watch((event) => events.push(tell(event)))
  return { hub, events, bodies }
}

test('[G58, G30] each hub tells of the members that are connected to it, and all see all members', async () => {
  const { one, other, clock } = createHubs()
  const alice = await enter(one.hub, 'alice.phone')
  const bob = await enter(other.hub, 'bob.laptop')
  const again = await enter(other.hub, 'alice.phone')
  expect(one.events).toEqual(['occupied', 'memberAdded alice'])
  expect(other.events).toEqual(['occupied', 'memberAdded bob', 'memberAdded alice'])
  const at = { app: '', channel: 'presence-lobby' as never }
  for (const { hub } of [one, other]) expect(hub.channels.members(at).total).toBe(2)
  alice.close(1006)
  await settle()
  clock.advance(8000)
  expect(one.events.slice(2)).toEqual(['memberRemoved alice', 'vacated'])
  expect(bob.heard('memberLeft')).toEqual([])
  again.close(1000)
  bob.close(1000)
  await settle()
  expect(other.events.slice(3)).toEqual(['memberRemoved alice', 'memberRemoved bob', 'vacated'])
})

test('[G58] a member that was lost at one hub and comes to another is removed and added, and nobody in the channel hears it', async () => {
  const { one, other, clock } = createHubs()
  const alice = await enter(one.hub, 'alice.phone')
  const bob = await enter(other.hub, 'bob.laptop')
  alice.close(1006)
  await settle()
  clock.advance(4000)
  await enter(other.hub, 'alice.phone')
  clock.advance(4000)
  expect(one.events.slice(1)).toEqual(['memberAdded alice', 'memberRemoved alice', 'vacated'])
  expect(other.events.slice(1)).toEqual(['memberAdded bob', 'memberAdded alice'])
  expect([...bob.heard('memberJoined'), ...bob.heard('memberLeft')]).toEqual([])
})

test('[G58, G80] deliveries name their hub, and none is sent twice', async () => {
  const { one, other } = createHubs()
  const clients = [await enter(one.hub, 'alice.phone'), await enter(other.hub, 'bob.laptop')]
  const drained = Promise.all([one.hub.drain(), other.hub.drain()])
  for (const client of clients) client.close(4503)
  await drained
  const names = [one, other].map(({ bodies }) => new Set(bodies.map(({ hub }) => hub)))
  expect(names.map(({ size }) => size)).toEqual([1, 1])
  expect(new Set(names.flatMap((of) => [...of])).size).toBe(2)
  for (const { bodies } of [one, other]) {
    const types = bodies.flatMap(({ events }) => events.map(({ type }) => type))
    expect(types).toEqual(['channelOccupied', 'memberAdded', 'channelVacated'])
  }
})
