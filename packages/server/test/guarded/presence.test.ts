import type { Hub } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import type { ChannelMember } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes } from '../support.ts'
import { createGuardedHub, enter, PRESENCE, settle } from './support.ts'

const memberOf = (client: MemoryClient): string => client.heard('subscribed')[0]?.member ?? ''

/** The news of members that a client heard. */
const newsOf = ({ messages }: MemoryClient): string[] =>
  messages.flatMap((message) => {
    if (message.type === 'memberJoined') return [`+${message.member.user}`]
    if (message.type === 'memberLeft') return ['-']
    return message.type === 'memberCount' ? [`=${message.count}`] : []
  })

const usersOf = (members: readonly ChannelMember[] = []): string[] =>
  members.map(({ user }) => user).toSorted()

test('[G16] members are users with a device, and say something sealed about themselves', async () => {
  const { hub } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone', { info: 'c2VhbGVk' })
  const aliceAgain = await enter(hub, 'alice.phone', { info: 'c2VhbGVk' })
  const bob = await enter(hub, 'bob.laptop')
  expect(bob.heard('subscribed')).toMatchObject([{ count: 2 }])
  const page = await bob.members()
  expect(page).toMatchObject({ total: 2, next: '' })
  expect(page?.members).toEqual(
    [
      { id: memberOf(alice), user: 'alice', device: 'phone', info: 'c2VhbGVk' },
      { id: memberOf(bob), user: 'bob', device: 'laptop', info: '' },
    ].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  )
  expect(newsOf(alice)).toEqual(['+bob'])
  expect(newsOf(aliceAgain)).toEqual(['+bob'])
  await enter(hub, 'alice.tablet')
  expect(newsOf(bob)).toEqual(['+alice'])
})

test('[G16, G18] the newest words of a member about itself count, and the others hear them', async () => {
  const { hub } = createGuardedHub()
  const [alice, bob] = [
    await enter(hub, 'alice.phone', { info: 'b25l' }),
    await enter(hub, 'bob.x'),
  ]
  const aliceAgain = await enter(hub, 'alice.phone', { info: 'dHdv' })
  expect(bob.heard('memberJoined').map(({ member }) => member)).toEqual([
    { id: memberOf(alice), user: 'alice', device: 'phone', info: 'dHdv' },
  ])
  expect(newsOf(alice)).toEqual(['+bob'])
  expect(newsOf(aliceAgain)).toEqual([])
})

test('[G17] a member is there while one of its connections is', async () => {
  const { hub } = createGuardedHub()
  const [one, two] = [await enter(hub, 'alice.phone'), await enter(hub, 'alice.phone')]
  const bob = await enter(hub, 'bob.laptop')
  one.close(1000)
  expect(newsOf(bob)).toEqual([])
  await two.say({ type: 'unsubscribe', channel: two.channel })
  expect(newsOf(bob)).toEqual(['-'])
})

test.each([1000, 1001])('[G17] a member whose page closes with %i leaves at once', async (code) => {
  const { hub } = createGuardedHub()
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  alice.close(code)
  expect(newsOf(bob)).toEqual(['-'])
})

test('[G17] a member that was lost stays for 8 s', async () => {
  const { hub, clock } = createGuardedHub()
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  alice.close(1006)
  clock.advance(7999)
  expect(newsOf(bob)).toEqual([])
  expect(await bob.members()).toMatchObject({ total: 2 })
  await bob.publish(bytes('hello'), { to: alice.heard('subscribed')[0]?.member as never })
  expect(bob.heard('refused')).toMatchObject([{ reason: 'absent' }])
  clock.advance(1)
  expect(newsOf(bob)).toEqual(['-'])
  expect(await bob.members()).toMatchObject({ total: 1 })
})

test('[G17] a member that comes again within 8 s was never away for the others', async () => {
  const { hub, clock } = createGuardedHub()
  const [alice, bob] = [await enter(hub, 'alice.phone'), await enter(hub, 'bob.laptop')]
  alice.close(1006)
  clock.advance(7999)
  const again = await enter(hub, 'alice.phone')
  clock.advance(60_000)
  expect(newsOf(bob)).toEqual([])
  expect(again.heard('subscribed')).toMatchObject([{ count: 2, member: memberOf(alice) }])
  again.close(1006)
  clock.advance(8000)
  expect(newsOf(bob)).toEqual(['-'])
})

test('[G17] the last one that was lost may come back to its channel', async () => {
  const { hub, clock } = createGuardedHub()
  const alice = await enter(hub, 'alice.phone')
  await alice.publish(bytes('one'))
  alice.close(1006)
  clock.advance(5000)
  expect(hub.stats()).toMatchObject({ guardedChannels: 1, subscriptions: 0 })
  const again = await enter(hub, 'alice.phone')
  await again.publish(bytes('two'))
  expect(again.acks[0]?.position).toBe(2n)
  again.close(1006)
  await settle()
  clock.advance(8000)
  expect(hub.stats()).toMatchObject({ guardedChannels: 0, subscriptions: 0 })
})

const fill = (hub: Hub, count: number, from = 0): Promise<MemoryClient[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => enter(hub, `user${from + n}.x`)))

test('[G18] above the limit members hear their number once a second, and each change again below it', async () => {
  const { hub, clock } = createGuardedHub({ limits: { presenceListMembers: 3 } })
  const bob = await enter(hub, 'bob.laptop')
  const others = await fill(hub, 2)
  expect(newsOf(bob)).toEqual(['+user0', '+user1'])
  const more = await fill(hub, 5, 2)
  expect(newsOf(bob).slice(2)).toEqual(['=4'])
  clock.advance(1000)
  expect(newsOf(bob).slice(3)).toEqual(['=8'])
  clock.advance(10_000)
  expect(newsOf(bob).slice(4)).toEqual([])
  for (const client of more) client.close(1000)
  expect(newsOf(bob).slice(4)).toEqual(['=7'])
  others[0]?.close(1000)
  clock.advance(1000)
  expect(newsOf(bob).slice(5)).toEqual(['=2'])
  others[1]?.close(1000)
  expect(newsOf(bob).slice(6)).toEqual(['-'])
})

test('[G18] pages name every member once, whatever they say about themselves', async () => {
  const { hub } = createGuardedHub()
  const info = 'A'.repeat(1364)
  const names = Array.from({ length: 60 }, (_, n) => `user${n}`)
  for (const name of names) await enter(hub, `${name}.x`, { info })
  const bob = new MemoryClient(hub)
  await bob.subscribe(PRESENCE, { token: 'bob.laptop', wants: ['presence'] })
  const members: ChannelMember[] = []
  let pages = 0
  for (let page = await bob.members(); page !== undefined;) {
    pages += 1
    expect(JSON.stringify(page).length).toBeLessThan(32_768)
    members.push(...page.members)
    page = page.next === '' ? undefined : await bob.members({ after: page.next })
  }
  expect(pages).toBe(3)
  expect(usersOf(members)).toEqual([...names, 'bob'].toSorted())
})

test('[G18] a page has at most 100 members, and one after an id that is gone goes on behind it', async () => {
  const { hub } = createGuardedHub()
  const clients = await fill(hub, 150)
  const bob = clients[0] as MemoryClient
  const first = await bob.members()
  expect(first).toMatchObject({ total: 150 })
  expect(first?.members).toHaveLength(100)
  const next = first?.next ?? ''
  const gone = clients.find((client) => memberOf(client) === next && client !== bob)
  gone?.close(1000)
  const second = await bob.members({ after: next })
  expect(second?.members).toHaveLength(50)
  expect(second?.next).toBe('')
})
