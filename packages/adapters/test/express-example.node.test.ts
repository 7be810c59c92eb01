/** The example in examples/02-keys-from-your-server, with real clients of pusher-js and everything that the carrier saw. */
import { readFileSync } from 'node:fs'
import { Keyring, openEvent } from '@conclave/e2ee'
import Pusher from 'pusher-js'
import type { ChannelAuthorizationHandler } from 'pusher-js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enterRoom, logIn } from '../../../examples/02-keys-from-your-server/client.ts'
import type { Member } from '../../../examples/02-keys-from-your-server/client.ts'
import { startWorld } from '../../../examples/02-keys-from-your-server/world.ts'
import type { World } from '../../../examples/02-keys-from-your-server/world.ts'

let world: World
const members: Member[] = []
beforeEach(async () => {
  world = await startWorld()
})
afterEach(async () => {
  for (const member of members.splice(0)) await member.close()
  await world.close()
})

/** A member in the room, with everything that reached a handler, and what was dropped. */
async function enter(user: string) {
  const session = await logIn(world.origin, user)
  const member = await enterRoom({
    origin: world.origin,
    session,
    room: '42',
    sender: `${user}-laptop`,
  })
  members.push(member)
  const { channel, keys } = member
  const heard: unknown[] = []
  const drops: string[] = []
  channel.on('message', ({ body }, { sender }) => heard.push([sender, body]))
  channel.on('typing', (value, { type, from }) => heard.push([type, from, value]))
  channel.on('dropped', ({ reason }) => drops.push(reason))
  return { session, channel, keys, heard, drops }
}

const post = (
  path: string,
  headers: Record<string, string> = {},
  body: object = {},
): Promise<Response> =>
  fetch(world.origin + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

const accessOf = async (session: string) => {
  const response = await post('/rooms/42/access', bearer(session))
  return { response, ...((await response.json()) as { token: string; roomKey: { key: string } }) }
}

test('[T18, T24, T70] two members talk: the carrier reads who types, and no message', async () => {
  const alice = await enter('alice')
  const bob = await enter('bob')
  await alice.channel.send('typing', true)
  await alice.channel.send('message', { body: 'meet me at the kingfisher' })
  await expect
    .poll(() => bob.heard)
    .toEqual([
      ['clear', 'client', true],
      ['alice-laptop', 'meet me at the kingfisher'],
    ])
  const seen = world.carrier.seen.join('\n')
  expect(seen).toContain('"event":"client-typing","data":true')
  expect(seen).not.toContain('kingfisher')
})

test('[T19] a carrier that strips the seal or renames a clear event delivers nothing', async () => {
  const bob = await enter('bob')
  const mallory = await enter('carol')
  // A member that the carrier bends: it sends in clear what bob takes for sealed.
  const { key, host, port } = world.carrier
  const admit = async (
    ...[{ socketId, channelName }, callback]: Parameters<ChannelAuthorizationHandler>
  ): Promise<void> => {
    const { token } = await accessOf(mallory.session)
    const body = { socket_id: socketId, channel_name: channelName }
    const answer = await post('/pusher/auth', bearer(token), body)
    callback(null, (await answer.json()) as { auth: string })
  }
  const options = { cluster: 'local', wsHost: host, wsPort: port, forceTLS: false }
  const client = new Pusher(key, {
    ...options,
    enabledTransports: ['ws'],
    channelAuthorization: {
      customHandler: (request, callback) => void admit(request, callback),
    },
  })
  try {
    const channel = client.subscribe('private-room-42')
    await new Promise((resolve) => channel.bind('pusher:subscription_succeeded', resolve))
    channel.trigger('client-message', { body: 'in clear' })
    await expect.poll(() => bob.drops).toEqual(['unsealed'])
    expect(bob.heard).toEqual([])
  } finally {
    client.disconnect()
  }
})

test('[T70] the key is in the answer for a member and nowhere else, in no spelling', async () => {
  const alice = await enter('alice')
  await alice.channel.send('message', { body: 'hello' })
  const { response, token, roomKey } = await accessOf(alice.session)
  expect(response.headers.get('Cache-Control')).toBe('no-store')
  const page = await (await fetch(`${world.origin}/`)).text()
  const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? ''
  const auth = await post('/pusher/auth', bearer(token), {
    socket_id: '1.2',
    channel_name: 'private-room-42',
  })
  const readByOthers = [
    page,
    await (await fetch(new URL(script, `${world.origin}/`))).text(),
    await (await fetch(`${world.origin}/config`)).text(),
    await auth.text(),
    token + Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    ...world.carrier.seen,
  ].join('\n')
  expect(auth.status).toBe(200)
  expect(readByOthers).toContain('private-room-42')
  const bytes = Buffer.from(roomKey.key, 'base64')
  expect(bytes).toHaveLength(32)
  for (const encoding of ['base64', 'base64url', 'hex', 'latin1'] as const)
    expect(readByOthers).not.toContain(bytes.toString(encoding))
})

test('[T70] a key and an authorization are for members, with a token for this room', async () => {
  const alice = await enter('alice')
  const stranger = await logIn(world.origin, 'mallory')
  const { token } = await accessOf(alice.session)
  const channel = (name: string) => ({ socket_id: '1.2', channel_name: name })
  const statuses = await Promise.all(
    [
      post('/rooms/42/access'),
      post('/rooms/42/access', bearer('made-up')),
      post('/rooms/42/access', bearer(stranger)),
      post('/rooms/43/access', bearer(alice.session)),
      post('/pusher/auth', {}, channel('private-room-42')),
      post('/pusher/auth', bearer(`${token.slice(0, -4)}AAAA`), channel('private-room-42')),
      post('/pusher/auth', bearer(token), channel('private-room-43')),
      post('/pusher/auth', bearer(token), channel('private-encrypted-room-42')),
      post('/pusher/auth', bearer(token), {}),
      post('/login', {}, { user: 7 }),
    ].map(async (answer) => (await answer).status),
  )
  expect(statuses).toEqual([401, 401, 403, 403, 403, 403, 403, 403, 400, 400])
  const broken = await fetch(`${world.origin}/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"canary',
  })
  expect([broken.status, await broken.text()]).toEqual([400, 'Bad Request'])
})

test('[T10, T19] a member who is removed reads and writes nothing more', async () => {
  const [alice, bob, carol] = [await enter('alice'), await enter('bob'), await enter('carol')]
  const removal = await fetch(`${world.origin}/rooms/42/members/carol`, {
    method: 'DELETE',
    headers: bearer(alice.session),
  })
  expect(removal.status).toBe(204)
  expect((await post('/rooms/42/access', bearer(carol.session))).status).toBe(403)
  // Told by the clear event, those who stay ask for the next key, each for itself.
  await expect
    .poll(() => [alice, bob, carol].map(({ keys }) => keys.current?.epoch))
    .toEqual([2n, 2n, 1n])
  await alice.channel.send('message', { body: 'carol is gone' })
  await expect.poll(() => bob.heard).toEqual([['alice-laptop', 'carol is gone']])
  await carol.channel.send('message', { body: 'still here?' })
  await expect.poll(() => [bob.drops, carol.drops]).toEqual([['epoch-too-old'], ['unknown-key']])
  expect([bob.heard.length, carol.heard]).toEqual([1, []])
})

test('[T70] your server can read this, and the page and the README say so', async () => {
  const alice = await enter('alice')
  await alice.channel.send('message', { body: 'hello' })
  await expect.poll(() => world.carrier.seen.join('\n')).toContain('client-message')
  const sent = world.carrier.seen.find((line) => line.includes('"event":"client-message"')) ?? ''
  const { data } = JSON.parse(sent) as { data: unknown }
  const { keyId, epoch, key } = world.rooms.keyFor('42', 'bob') ?? { keyId: '', epoch: 0, key: '' }
  const keys = new Keyring()
  keys.rotate({ keyId, epoch, key: Buffer.from(key, 'base64') })
  const opened = await openEvent(data, keys, {
    ...{ kind: 'realtime', scope: 'channel', scopeId: 'private-room-42', eventName: 'message' },
    replay: 'none',
  })
  expect(opened).toMatchObject({ type: 'opened', value: { body: 'hello' } })
  const page = await (await fetch(`${world.origin}/`)).text()
  const readme = new URL('../../../examples/02-keys-from-your-server/README.md', import.meta.url)
  expect(page).toMatch(/your server can read this/i)
  expect(readFileSync(readme, 'utf8')).toMatch(/your server can read this/i)
})
