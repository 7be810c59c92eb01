import { encodeBase64Url } from '@conclave/base'
import type { App, Hub } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { RIGHTS } from '@conclave/wire'
import type { MemberId, Right } from '@conclave/wire'
import type { VirtualClock } from '@conclave/base/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { bytes, createTestHub } from '../support.ts'
import { createApp, createClaims, createKey, signToken } from './tokens.ts'
import type { TestKey } from './tokens.ts'

const CHANNEL = 'presence-lobby'
const OTHER = 'presence-other'

let apps: readonly App[]
let shop: TestKey
let chat: TestKey

beforeAll(async () => {
  const [one, two] = [await createApp('shop'), await createApp('chat')]
  apps = [one.app, two.app]
  shop = one.keys[0] ?? (await createKey('HS256'))
  chat = two.keys[0] ?? (await createKey('HS256'))
})

/** A token for a connection; of alice and the first app, for the channel, unless the options say otherwise. */
interface TokenOptions {
  readonly rights: readonly Right[]
  readonly user?: string
  readonly key?: TestKey
  readonly name?: string
  readonly claims?: Readonly<Record<string, unknown>>
}

const tokenFor = (
  client: MemoryClient,
  { rights, user = 'alice', key = shop, name = CHANNEL, claims = {} }: TokenOptions,
): Promise<string> =>
  signToken(
    key,
    createClaims({
      ...{ cnx: encodeBase64Url(client.nonce), sub: user, dev: 'phone', jti: user },
      ...{ ch: [{ name, rights }], ...claims },
    }),
  )

/** Asks for every right in a channel. */
async function enter(
  hub: Hub,
  options: TokenOptions & { readonly channel?: string },
): Promise<MemoryClient> {
  const client = new MemoryClient(hub)
  const { channel = options.name ?? CHANNEL } = options
  await client.subscribe(channel, { token: await tokenFor(client, options), wants: [...RIGHTS] })
  return client
}

interface Stage {
  readonly hub: Hub
  readonly clock: VirtualClock
  /** Has every right in the channel. */
  readonly bob: MemoryClient
  readonly channel: number
  readonly bobsMember: MemberId
}

async function createStage(): Promise<Stage> {
  const { hub, clock } = createTestHub({
    ...{ apps, iceServers: [{ urls: 'stun:relay.example:3478' }] },
  })
  const bob = await enter(hub, { rights: RIGHTS, user: 'bob' })
  const [{ member } = { member: '' as MemberId }] = bob.heard('subscribed')
  return { hub, clock, bob, channel: bob.channel, bobsMember: member }
}

/** An operation of a connection in a channel, by the handle that it has or guesses; answers whether it worked. */
type Operation = (stage: Stage, alice: MemoryClient, channel: number) => Promise<boolean>

const deliver: Operation = async ({ bob, channel }, alice) => {
  const before = alice.delivered.length
  await bob.publish(bytes('hello'), { channel })
  return alice.delivered.length > before
}

const publishTo =
  (isDirect: boolean): Operation =>
  async ({ bob, bobsMember }, alice, channel) => {
    const before = bob.delivered.length
    await alice.publish(bytes('hello'), { channel, ...(isDirect ? { to: bobsMember } : {}) })
    const isDelivered = bob.delivered.length > before
    expect(alice.acks.length > 0).toBe(isDelivered)
    return isDelivered
  }

const signal: Operation = async ({ bob }, alice, channel) => {
  const before = bob.signalled.length
  await alice.signal(bytes('typing'), { channel })
  return bob.signalled.length > before
}

const hearSignals: Operation = async ({ bob, channel }, alice) => {
  const before = alice.signalled.length
  await bob.signal(bytes('typing'), { channel })
  return alice.signalled.length > before
}

const hearMembers: Operation = async ({ hub }, alice) => {
  const before = alice.heard('memberJoined').length
  await enter(hub, { rights: ['presence'], user: 'carol' })
  return alice.heard('memberJoined').length > before
}

const members: Operation = async (_stage, alice, channel) =>
  (await alice.members({ channel })) !== undefined

const beSeen: Operation = async ({ bob }) =>
  bob.heard('memberJoined').some(({ member }) => member.user === 'alice')

const call: Operation = async (_stage, alice) => alice.heard('iceServers').length > 0

/** Each operation with the right that it needs. */
const OPERATIONS: Readonly<Record<string, readonly [Right, Operation]>> = {
  'to get messages': ['subscribe', deliver],
  'to get signals': ['subscribe', hearSignals],
  'to publish': ['publish', publishTo(false)],
  'to publish to one member': ['publish', publishTo(true)],
  'to signal': ['signal', signal],
  'to hear of members': ['presence', hearMembers],
  'to list members': ['presence', members],
  'to be a member': ['presence', beSeen],
  'to call': ['call', call],
}

/** Grants that allow nothing in the channel, by the ways in which a connection may try. */
const POWERLESS: Readonly<Record<string, (stage: Stage) => Promise<MemoryClient>>> = {
  'no grant': async ({ hub }) => {
    const client = await enter(hub, { rights: RIGHTS, name: OTHER })
    await client.subscribe(CHANNEL, { wants: [...RIGHTS] })
    return client
  },
  'a grant for another channel': async ({ hub }) => {
    const client = await enter(hub, { rights: RIGHTS, name: OTHER })
    const token = await tokenFor(client, { rights: RIGHTS, name: OTHER })
    await client.subscribe(CHANNEL, { token, wants: [...RIGHTS] })
    return client
  },
  'a grant of another app': ({ hub }) => enter(hub, { rights: RIGHTS, key: chat, user: 'mallory' }),
  'a grant that is over': async ({ hub, clock, bob }) => {
    const client = await enter(hub, { rights: RIGHTS, claims: { exp: 1010 } })
    clock.advance(40_000)
    expect(client.heard('unsubscribed')).toMatchObject([{ reason: 'expired' }])
    expect(bob.heard('unsubscribed')).toEqual([])
    return rejoin(client)
  },
  'a grant that was revoked': async ({ hub }) => {
    const client = await enter(hub, { rights: RIGHTS })
    hub.channels.revoke({ type: 'user', app: 'shop', user: 'alice' })
    expect(client.heard('unsubscribed')).toMatchObject([{ reason: 'revoked' }])
    return rejoin(client)
  },
  'a token that was revoked': async ({ hub }) => {
    const client = await enter(hub, { rights: RIGHTS })
    hub.channels.revoke({ type: 'token', app: 'shop', tokenId: 'alice', untilMs: 2_000_000 })
    expect(client.heard('unsubscribed')).toMatchObject([{ reason: 'revoked' }])
    return rejoin(client)
  },
  'a banned user': async ({ hub }) => {
    const client = await enter(hub, { rights: RIGHTS })
    hub.channels.revoke({ type: 'ban', app: 'shop', user: 'alice', untilMs: 2_000_000 })
    expect(client.heard('unsubscribed')).toMatchObject([{ reason: 'banned' }])
    return rejoin(client)
  },
}

/** Shows the same token again, which must not help. */
async function rejoin(client: MemoryClient): Promise<MemoryClient> {
  const token = await tokenFor(client, { rights: RIGHTS, claims: { exp: 1010 } })
  const subscribed = await client.subscribe(CHANNEL, { token, wants: [...RIGHTS] })
  expect(subscribed).toBeUndefined()
  return client
}

describe.each(Object.entries(OPERATIONS))('%s', (_operation, [needed, operate]) => {
  test.each(RIGHTS)('[G54] needs its right, and "%s" gives no other', async (right) => {
    const stage = await createStage()
    const alice = await enter(stage.hub, { rights: [right] })
    expect(await operate(stage, alice, alice.channel)).toBe(right === needed)
    if (right === needed) return
    expect(alice.heard('refused').every(({ reason }) => reason === 'denied')).toBe(true)
  })

  test('[G54] works with every right', async () => {
    const stage = await createStage()
    const alice = await enter(stage.hub, { rights: RIGHTS })
    expect(await operate(stage, alice, alice.channel)).toBe(true)
  })

  test.each(Object.entries(POWERLESS))('[G54] does not work with %s', async (_grant, make) => {
    const stage = await createStage()
    const alice = await make(stage)
    // What they heard while the grant held does not count.
    stage.bob.messages.splice(0)
    alice.messages.splice(1)
    // Handles are numbers that anybody may guess.
    expect(await operate(stage, alice, stage.channel)).toBe(false)
  })
})

test('[G54] a refresh renews what the subscription has, and adds nothing', async () => {
  const stage = await createStage()
  const alice = await enter(stage.hub, { rights: ['publish'] })
  const { channel } = alice
  const refresh = async (options: TokenOptions, id: number): Promise<void> => {
    await alice.say({ type: 'refresh', id, channel, token: await tokenFor(alice, options) })
  }
  await refresh({ rights: RIGHTS }, 1)
  expect(alice.heard('refreshed')).toMatchObject([{ id: 1, rights: ['publish'] }])
  await refresh({ rights: RIGHTS, user: 'bob' }, 2)
  await refresh({ rights: RIGHTS, key: chat }, 3)
  await refresh({ rights: RIGHTS, name: OTHER }, 4)
  await refresh({ rights: ['call'] }, 5)
  expect(alice.heard('denied').map(({ id }) => id)).toEqual([2, 3, 4, 5])
  expect(await deliver(stage, alice, channel)).toBe(false)
})
