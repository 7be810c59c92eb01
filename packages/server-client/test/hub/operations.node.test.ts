/** The server of an application at a real hub, and what real clients get of it. */
import { systemClock } from '@conclave/base'
import { createTestAuthorizer, MemoryClient } from '@conclave/server/testing'
import { connectHub } from '@conclave/client/channels'
import { EventCounter, Keyring, sealEventBinary } from '@conclave/e2ee'
import { SERVER_SENDER } from '@conclave/wire'
import { expect, onTestFinished, test } from 'vitest'
import { createClient, enter, Page, PRESENCE, PRIVATE, startHub } from './real-hub.ts'

/** The frame around an envelope: adapters.md, T41. */
const sealed = (...envelope: readonly number[]): Uint8Array =>
  Uint8Array.of(1, 0, 6, ...new TextEncoder().encode('sealed'), ...envelope)

const id = 'AAECAwQFBgcICQoLDA0ODw' as never

test('[G77] a message reaches everyone in the channel once, from the server', async () => {
  const hub = await startHub()
  const [alice, bob] = [await enter(hub, 'alice', PRIVATE), await enter(hub, 'bob', PRIVATE)]
  const other = await enter({ ...hub, client: createClient(hub.origin, 'other') }, 'carol', PRIVATE)
  await hub.client.publish(PRIVATE, Uint8Array.of(1, 2, 3), { id })
  await hub.client.publish(PRIVATE, Uint8Array.of(1, 2, 3), { id })
  await hub.client.publish(PRIVATE, Uint8Array.of(4))
  for (const page of [alice, bob]) {
    await page.until(() => page.frames[1])
    expect(page.frames).toMatchObject([
      { type: 'deliver', id, from: SERVER_SENDER, payload: sealed(1, 2, 3) },
      { type: 'deliver', from: SERVER_SENDER, payload: sealed(4) },
    ])
  }
  expect(other.frames).toEqual([])
})

test('[G77] a signal reaches them without a position', async () => {
  const hub = await startHub()
  const alice = await enter(hub, 'alice', PRIVATE)
  await hub.client.publishSignal(PRIVATE, Uint8Array.of(7))
  const frame = await alice.until(() => alice.frames[0])
  expect(frame).toMatchObject({ type: 'signalled', from: SERVER_SENDER, payload: sealed(7) })
})

test('[G77] a channel without subscriptions takes a message, and keeps nothing', async () => {
  const hub = await startHub()
  await hub.client.publish(PRIVATE, Uint8Array.of(1))
  const alice = await enter(hub, 'alice', PRIVATE)
  await hub.client.publish(PRIVATE, Uint8Array.of(2))
  await alice.until(() => alice.frames[0])
  expect(alice.frames).toMatchObject([{ payload: sealed(2) }])
})

test('[G78] the members of a presence channel, over several pages, of this app only', async () => {
  const authorizers = [createTestAuthorizer({ clock: systemClock, app: 'team' })]
  const hub = await startHub({ authorizers, limits: { presenceListMembers: 1 } })
  const users = Array.from({ length: 130 }, (_, at) => `user-${at}`)
  for (const user of users) {
    const page = new MemoryClient(hub.served.hub)
    onTestFinished(() => page.close())
    await page.subscribe(PRESENCE, { token: `${user}.phone` })
  }
  await enter({ ...hub, client: createClient(hub.origin, 'other') }, 'mallory')
  const found: string[] = []
  for await (const { user, device } of hub.client.members(PRESENCE)) found.push(`${user} ${device}`)
  expect(found.toSorted()).toEqual(users.map((user) => `${user} phone`).toSorted())
  const nobody: unknown[] = []
  for await (const member of hub.client.members(PRIVATE)) nobody.push(member)
  expect(nobody).toEqual([])
})

test('[G79] a ticket opens its channel once', async () => {
  const hub = await startHub()
  const wanted = { channel: PRIVATE, rights: ['subscribe'] as const, user: 'alice', device: 'tv' }
  const { ticket } = await hub.client.mintTicket({ ...wanted, expiresInMs: 60_000 })
  const [first, second] = [new Page(hub.origin), new Page(hub.origin)]
  expect(await first.subscribe(PRIVATE, ticket)).toBe(true)
  expect(await second.subscribe(PRIVATE, ticket)).toBe(false)
  expect((await first.heard('subscribed')).rights).toEqual(['subscribe'])
})

test('[G79] a user that is revoked, kicked or banned is out, and only the banned one stays out', async () => {
  const hub = await startHub()
  const { client } = hub
  const ways = {
    revoked: () => client.revoke({ user: 'alice' }),
    kicked: () => client.kick({ user: 'alice', channel: PRESENCE }),
    banned: () => client.ban({ user: 'alice', channel: PRESENCE, forMs: 60_000 }),
  }
  for (const [reason, way] of Object.entries(ways)) {
    const [alice, bob] = [await enter(hub, 'alice'), await enter(hub, 'bob')]
    const startedMs = performance.now()
    await way()
    expect((await alice.heard('unsubscribed')).reason).toBe(reason)
    expect(performance.now() - startedMs).toBeLessThan(1000)
    await hub.client.publish(PRESENCE, Uint8Array.of(1))
    await bob.until(() => bob.frames[0])
    expect(alice.frames).toEqual([])
    bob.close()
    alice.close()
  }
  await expect(enter(hub, 'alice')).rejects.toThrow('alice was denied')
  await client.unban({ user: 'alice', channel: PRESENCE })
  await enter(hub, 'alice')
})

test('[G79] one token is revoked, and others of the same user stay', async () => {
  const hub = await startHub()
  const [first, second] = [await enter(hub, 'alice'), await enter(hub, 'alice', PRIVATE)]
  await hub.client.revoke({ tokenId: first.tokenId, expiresInMs: 60_000 })
  expect((await first.heard('unsubscribed')).reason).toBe('revoked')
  await hub.client.publish(PRIVATE, Uint8Array.of(1))
  await second.until(() => second.frames[0])
})

test('[G70, G79] an app reaches no user of another one', async () => {
  const hub = await startHub()
  const alice = await enter(hub, 'alice')
  const other = createClient(hub.origin, 'other')
  await other.ban({ user: 'alice', forMs: 60_000 })
  await other.kick({ user: 'alice' })
  await other.revoke({ tokenId: alice.tokenId, expiresInMs: 60_000 })
  await other.publish(PRESENCE, Uint8Array.of(1))
  await hub.client.publish(PRESENCE, Uint8Array.of(2))
  await alice.until(() => alice.frames[0])
  expect(alice.frames).toMatchObject([{ payload: sealed(2) }])
  expect(alice.messages.some(({ type }) => type === 'unsubscribed')).toBe(false)
})

test('[G77, G97] a channel of a client opens the events that the server seals', async () => {
  const hub = await startHub({ allowNonBrowser: true })
  const key = { keyId: 'garden', epoch: 1, key: new Uint8Array(32).fill(5) }
  const ring = (): Keyring => {
    const keys = new Keyring()
    keys.rotate(key)
    return keys
  }
  const client = connectHub({
    url: `${hub.origin.replace('http', 'ws')}/hub`,
    authorize: async ({ channel, nonce, wants }) => {
      const rights = { channels: { [channel]: wants }, expiresInMs: 60_000 }
      const user = { user: 'alice', device: 'laptop' }
      return (await hub.client.mintCapability({ nonce, ...user, ...rights })).token
    },
  })
  onTestFinished(() => client.close())
  const channel = client.channel(PRESENCE, { keys: ring(), sender: 'alice' })
  const heard = new Promise((resolve) => {
    channel.on('order', (value, { sender }) => resolve({ value, sender }))
  })
  await channel.opened
  const envelope = await sealEventBinary({ total: 7 }, ring(), {
    ...{ kind: 'realtime', scope: 'channel', scopeId: PRESENCE, eventName: 'order' },
    ...{ hideEventName: true, sender: 'shop', counter: new EventCounter({ now: Date.now() }) },
  })
  await hub.client.publish(PRESENCE, envelope)
  expect(await heard).toEqual({ value: { total: 7 }, sender: 'shop' })
})
