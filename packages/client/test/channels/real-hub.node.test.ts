/** Channels over the real hub, both ends. */
import { expect, test } from 'vitest'
import { byName, connect, startHub } from './real-hub.ts'
import { sealed } from './scripted-hub.ts'

const NAME = 'private-orders'

test('[G95, G96, G97, G10, G12] messages and signals go from one client to the other', async () => {
  const { url } = await startHub()
  const alice = connect(url, 'alice.laptop').channel(NAME, sealed('alice'))
  const bob = connect(url, 'bob.phone').channel(NAME, sealed('bob'))
  await Promise.all([alice.opened, bob.opened])
  const values: unknown[] = []
  bob.on('order', (value, { eventName }) => values.push([eventName, value]))
  alice.on('order', () => values.push('reflected'))
  await Promise.all([1, 2, 3].map((at) => alice.send('order', { at })))
  expect(await alice.signal('order', 'soon')).toBe(true)
  await expect
    .poll(() => values)
    .toEqual([...[1, 2, 3].map((at) => ['order', { at }]), ['order', 'soon']])
  expect(bob.dropped.size).toBe(0)
})

test('[G91, G93, G4] a client that may not come in is denied', async () => {
  const { url } = await startHub()
  const mallory = connect(url, 'mallory.laptop').channel(NAME, sealed('mallory'))
  expect(await mallory.closed).toBe('denied')
  const nobody = connect(url, () => false as const).channel(NAME, sealed('mallory'))
  expect(await nobody.closed).toBe('denied')
})

test('[G91, G24] a user that is put out hears why, and the others go on', async () => {
  const { url, hub } = await startHub()
  const alice = connect(url, 'alice.laptop').channel(NAME, sealed('alice'))
  const bob = connect(url, 'bob.phone').channel(NAME, sealed('bob'))
  await Promise.all([alice.opened, bob.opened])
  const untilMs = Date.now() + 60_000
  hub.channels.revoke({ type: 'ban', app: '', user: 'bob', channel: NAME, untilMs })
  expect(await bob.closed).toBe('banned')
  await alice.send('order', 1)
  const again = connect(url, 'bob.phone').channel(NAME, sealed('bob'))
  expect(await again.closed).toBe('denied')
})

test('[G94, G7, G8] a grant is refreshed before it is over', async () => {
  const { url } = await startHub({ authorizers: [byName(1200)] })
  let asked = 0
  const alice = connect(url, () => {
    asked += 1
    return 'alice.laptop'
  }).channel(NAME, sealed('alice'))
  const states: string[] = []
  alice.on('stateChanged', ({ type }) => states.push(type))
  await expect.poll(() => asked).toBe(3)
  expect(new Set(states)).toEqual(new Set(['open']))
  await alice.send('order', 1)
})

test('[G100, G101, G16, G17, G18] members come, go, and say who they are', async () => {
  const { url } = await startHub()
  const join = (name: string) => {
    const client = connect(url, `${name}.laptop`)
    return client.channel('presence-lobby', { ...sealed(name), info: { name } })
  }
  const alice = join('alice')
  await expect.poll(() => alice.members?.list).toMatchObject([{ user: 'alice' }])
  const log: string[] = []
  alice.on('memberJoined', ({ user, info }) => log.push(`+${user} ${JSON.stringify(info)}`))
  alice.on('memberLeft', ({ user }) => log.push(`-${user}`))
  const bob = join('bob')
  await expect.poll(() => bob.members?.list?.length).toBe(2)
  expect(bob.members?.list).toContainEqual(
    expect.objectContaining({ user: 'alice', info: { name: 'alice' }, sender: 'alice' }),
  )
  await bob.close()
  await expect.poll(() => log).toEqual(['+bob {"name":"bob"}', '-bob'])
  expect((await alice.members?.page())?.members).toMatchObject([
    { user: 'alice', device: 'laptop' },
  ])
})

test('[G56, G11] an event to one member reaches it only, over whichever connection, and an absent member is an error', async () => {
  const { url } = await startHub()
  const join = (user: string, sender: string) =>
    connect(url, `${user}.laptop`).channel('presence-lobby', sealed(sender))
  const [alice, bob, bobs, carol] = [
    join('alice', 'alice'),
    join('bob', 'bob-1'),
    join('bob', 'bob-2'),
    join('carol', 'carol'),
  ]
  const log: string[] = []
  for (const [name, channel] of Object.entries({ alice, bob, bobs, carol }))
    channel.on('word', (value, { to }) => log.push(`${name} ${String(value)} ${typeof to}`))
  await Promise.all([alice.opened, bob.opened, bobs.opened, carol.opened])
  const { state } = bob
  const to = state.type === 'open' ? state.member : undefined
  if (to === undefined) throw new Error('expected a member')
  await alice.send('word', 'secret', { to })
  expect(await alice.signal('word', 'soon', { to })).toBe(true)
  await alice.send('word', 'all')
  await expect.poll(() => log.length).toBe(7)
  const toAll = ['bob all undefined', 'bobs all undefined', 'carol all undefined']
  const toBob = ['secret', 'soon'].flatMap((word) => [`bob ${word} string`, `bobs ${word} string`])
  expect(log.toSorted()).toEqual([...toAll, ...toBob].toSorted())
  await Promise.all([bob.close(), bobs.close()])
  await expect(alice.send('word', 'late', { to })).rejects.toMatchObject({
    ...{ code: 'ERR_CLIENT_CHANNEL_REFUSED', details: { reason: 'absent' } },
  })
  expect(await alice.signal('word', 'late', { to })).toBe(true)
  const orders = connect(url, 'alice.laptop').channel(NAME, sealed('alice'))
  await expect(orders.send('word', 1, { to })).rejects.toMatchObject({
    message: expect.stringContaining('options.to') as string,
  })
})
