/** The members of a presence channel, as a client knows them. */
import type { HubChannel, HubChannelOptions, HubNotices, Member } from '@conclave/client/channels'
import { Keyring } from '@conclave/e2ee'
import type { ChannelMember, MemberId } from '@conclave/wire'
import { expect, test } from 'vitest'
import { ScriptedHub, sealed } from './scripted-hub.ts'

const NAME = 'presence-lobby'
const member = (at: number, info = ''): ChannelMember => ({
  ...{ id: Buffer.alloc(16, at + 1).toString('base64url') as MemberId, info },
  ...{ user: `user-${at}`, device: 'phone' },
})

interface Lobby {
  readonly hub: ScriptedHub
  readonly channel: HubChannel
  readonly log: string[]
}

/** Somebody in a lobby with so many members. */
async function lobby(count: number, options: Partial<HubChannelOptions> = {}): Promise<Lobby> {
  const hub = await ScriptedHub.start()
  hub.count = count
  const channel = hub.connect().channel(NAME, { ...sealed('alice'), ...options })
  const log: string[] = []
  const note = (type: 'memberJoined' | 'memberLeft') => (told: Member) => {
    log.push(`${type} ${told.user}`)
  }
  channel.on('memberJoined', note('memberJoined'))
  channel.on('memberLeft', note('memberLeft'))
  await channel.opened
  return { hub, channel, log }
}

/** Answers the request for members that comes next. */
async function page(
  hub: ScriptedHub,
  members: readonly ChannelMember[],
  { next = '', total = members.length }: { next?: MemberId | ''; total?: number } = {},
): Promise<MemberId | ''> {
  const before = answered.get(hub) ?? 0
  await hub.until(() => hub.of('members').length > before)
  answered.set(hub, before + 1)
  const { id, after } = hub.of('members')[before] ?? { id: 0, after: '' }
  hub.say({ type: 'memberPage', id, members, total, next })
  return after
}
const answered = new WeakMap<ScriptedHub, number>()

const users = ({ members }: HubChannel): readonly string[] | undefined =>
  members?.list?.map(({ user }) => user)

test('[G100] a list is loaded page by page, and kept as the hub tells it', async () => {
  const { hub, channel, log } = await lobby(3)
  expect(channel.members?.count).toBe(3)
  expect(channel.members?.list).toBeUndefined()
  expect(await page(hub, [member(0), member(1)], { total: 3, next: member(1).id })).toBe('')
  expect(await page(hub, [member(2)], { total: 3 })).toBe(member(1).id)
  await expect.poll(() => users(channel)).toEqual(['user-0', 'user-1', 'user-2'])
  hub.say({ type: 'memberJoined', channel: 7, member: member(3) })
  hub.say({ type: 'memberJoined', channel: 7, member: member(3) })
  hub.say({ type: 'memberLeft', channel: 7, member: member(0).id })
  hub.say({ type: 'memberLeft', channel: 7, member: member(0).id })
  await expect.poll(() => users(channel)).toEqual(['user-1', 'user-2', 'user-3'])
  expect(log).toEqual(['memberJoined user-3', 'memberLeft user-0'])
  expect(channel.members?.count).toBe(3)
})

test('[G100] a count ends the list, and single members begin it again', async () => {
  const { hub, channel } = await lobby(1)
  await page(hub, [member(0)])
  await expect.poll(() => users(channel)).toEqual(['user-0'])
  const counts: HubNotices['memberCount'][] = []
  channel.on('memberCount', (told) => counts.push(told))
  hub.say({ type: 'memberCount', channel: 7, count: 5000 })
  await expect.poll(() => counts).toEqual([{ count: 5000, list: undefined }])
  const asked = channel.members?.page(member(4).id)
  expect(await page(hub, [member(5)], { total: 5000, next: member(5).id })).toBe(member(4).id)
  expect(await asked).toMatchObject({
    ...{ members: [{ user: 'user-5' }], total: 5000, next: member(5).id },
  })
  hub.say({ type: 'memberCount', channel: 7, count: 2 })
  hub.say({ type: 'memberLeft', channel: 7, member: member(9).id })
  await page(hub, [member(2)])
  await expect.poll(() => users(channel)).toEqual(['user-2'])
})

test('[G100] more members than are listed are not loaded', async () => {
  const { hub, channel } = await lobby(101)
  expect(channel.members?.count).toBe(101)
  hub.say({ type: 'memberJoined', channel: 7, member: member(0) })
  await page(hub, [member(0)], { total: 1001, next: member(0).id })
  const asked = channel.members?.page()
  await page(hub, [member(0)], { total: 1001 })
  expect((await asked)?.next).toBeUndefined()
  expect(channel.members?.list).toBeUndefined()
})

test('[G100] after a lost connection the list is loaded again', async () => {
  const { hub, channel } = await lobby(1)
  await page(hub, [member(0)])
  await expect.poll(() => users(channel)).toEqual(['user-0'])
  const asked = channel.members?.page().catch((error: { code: string }) => error.code)
  await hub.until(() => hub.of('members').length === 2)
  answered.set(hub, 2)
  await hub.drop()
  expect(await asked).toBe('ERR_CLIENT_CLOSED')
  await page(hub, [member(1)])
  await expect.poll(() => users(channel)).toEqual(['user-1'])
})

test('[G100] private channels, and those without the right, have none', async () => {
  const { hub, channel } = await lobby(0, { wants: ['subscribe'] })
  expect(channel.members?.list).toBeUndefined()
  expect(hub.of('members')).toEqual([])
  const other = hub.connect().channel('private-orders', sealed('alice'))
  expect(other.members).toBeUndefined()
})

test('[G101] an info is sealed, opens for those with the key, and tells who sealed it', async () => {
  const { hub, channel } = await lobby(1, { info: { name: 'Alice' } })
  const [{ info = '' } = {}] = hub.of('subscribe')
  expect(Buffer.from(info, 'base64url').toString('latin1')).not.toContain('Alice')
  await page(hub, [member(0, info)])
  await expect
    .poll(() => channel.members?.list)
    .toMatchObject([{ user: 'user-0', device: 'phone', info: { name: 'Alice' }, sender: 'alice' }])
})

test('[G101] an info that does not open is not shown, until there is a key', async () => {
  const keys = new Keyring()
  const { hub, channel } = await lobby(2, { keys })
  const bob = await lobby(0, { sender: 'bob', info: 'Bob' })
  const [{ info = '' } = {}] = bob.hub.of('subscribe')
  const forged = Buffer.from('no envelope').toString('base64url')
  await page(hub, [member(0, info), member(1, forged)])
  await expect.poll(() => users(channel)).toEqual(['user-0', 'user-1'])
  const infos = (): unknown => channel.members?.list?.map((each) => [each.info, each.sender])
  expect(infos()).toEqual([
    [undefined, undefined],
    [undefined, undefined],
  ])
  keys.rotate({ keyId: 'orders', epoch: 1, key: new Uint8Array(32).fill(7) })
  channel.retryKept()
  await expect.poll(infos).toEqual([
    ['Bob', 'bob'],
    [undefined, undefined],
  ])
})

test('[G101] without a key, or too large, an info is not said, and the application is told', async () => {
  const hub = await ScriptedHub.start()
  const causes: unknown[] = []
  const client = hub.connect()
  for (const [at, options] of [
    { keys: new Keyring(), sender: 'alice', info: 'canary' },
    { ...sealed('alice'), info: 'x'.repeat(1024) },
  ].entries()) {
    const channel = client.channel(`${NAME}-${at}`, options)
    channel.on('infoFailed', ({ cause }) => causes.push(cause))
    await channel.opened
  }
  expect(causes).toMatchObject([{ code: 'ERR_E2EE_UNKNOWN_KEY' }, { name: 'RangeError' }])
  expect(hub.of('subscribe')).toMatchObject([{ info: '' }, { info: '' }])
})
