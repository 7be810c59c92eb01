import { createTestRoom, MemoryClient } from '@conclave/server/testing'
import type { Hub } from '@conclave/server'
import { CLOSE_CODES } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createOwnedRoom } from '../owned-room.ts'
import { createTestHub, gather, unreachable } from '../support.ts'

type Cause = (place: ReturnType<typeof createTestHub>) => Promise<MemoryClient | undefined>

/** For each code that a hub may send: what a client does, or has done to it, that ends its connection with the code. */
const causes: Readonly<Record<keyof typeof CLOSE_CODES, Cause>> = {
  badHandshake: async ({ hub }) => {
    const client = new MemoryClient(hub)
    await client.connection.receive('something else than a join')
    return client
  },
  unauthorized: async ({ hub }) => {
    const client = new MemoryClient(hub)
    await client.join(await createTestRoom(), { room: (await createTestRoom()).id })
    return client
  },
  full: async ({ hub }) => {
    const { room } = await gather(hub, hub.limits.maxParticipants)
    const client = new MemoryClient(hub)
    await client.join(room)
    return client
  },
  removed: async ({ hub }) => {
    const owned = await createOwnedRoom()
    const [alice, carol] = [new MemoryClient(hub), new MemoryClient(hub)]
    for (const client of [alice, carol]) await client.join(owned.room)
    const { participant } = carol.session
    await alice.say(await owned.removal(participant))
    return carol
  },
  slowConsumer: async ({ hub }) => {
    const [sender, reader] = await pair(hub)
    if (reader !== undefined) reader.bufferedBytes = hub.limits.outboundHardBytes
    await sender?.publish(new Uint8Array(1))
    return reader
  },
  replaced: async ({ hub }) => {
    const { room, clients } = await gather(hub, 1)
    const [older] = clients
    if (older === undefined) return unreachable()
    await new MemoryClient(hub, { session: older.session }).join(room)
    return older
  },
  late: async ({ hub, clock }) => {
    const client = new MemoryClient(hub)
    clock.advance(hub.limits.joinDeadlineMs)
    return client
  },
  rate: async ({ hub, clock }) => {
    const [sender] = await pair(hub)
    clock.advance(60_000)
    const { publishBurst, dropBurst } = hub.limits
    for (let n = 0; n <= publishBurst + dropBurst; n += 1) await sender?.publish(new Uint8Array(1))
    return sender
  },
  draining: async ({ hub }) => {
    const [client] = await pair(hub)
    void hub.drain()
    return client
  },
}

test.each(Object.entries(causes))(
  '[W14] a hub ends a connection as `%s` for its cause, with nothing but code and reason',
  async (name, cause) => {
    const { code, reason } = CLOSE_CODES[name as keyof typeof CLOSE_CODES]
    const client = await cause(createTestHub())
    expect(client?.end).toEqual({ code, reason })
    const before = client?.order.length
    await client?.connection.receive(new Uint8Array(60))
    expect(client?.order).toHaveLength(before ?? 0)
  },
)

async function pair(hub: Hub): Promise<readonly MemoryClient[]> {
  return (await gather(hub, 2)).clients
}
