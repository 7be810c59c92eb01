import { createHash } from 'node:crypto'
import { createServerClient, isServerClientError } from '@conclave/server-client'
import type { ServerClient } from '@conclave/server-client'
import { expect, test } from 'vitest'
import { KEY, startScript } from './scripted-hub.ts'
import type { Answer } from './scripted-hub.ts'

const channel = 'presence-garden'
const id = 'AAECAwQFBgcICQoLDA0ODw'
const envelope = Uint8Array.of(1, 2, 3)
/** T41: format, length and name, then the envelope. */
const FRAME = Buffer.from('\x01\x00\x06sealed\x01\x02\x03', 'latin1').toString('base64url')
const who = { user: 'alice', channel }
const page = (next: string, ...users: readonly string[]): Answer => [
  200,
  { members: users.map((user) => ({ id, user, device: 'phone', info: '' })), total: 3, next },
]

test('[G71, G84] a request has a token for it and no other', async () => {
  const { client, asked, origin } = await startScript([[200, {}]])
  await client.publish(channel, envelope, { id: id as never })
  const [{ path, body, claims, header, headers } = unreachable()] = asked
  expect(path).toBe('/team/api/v1/publish')
  expect(body).toEqual({ channel, id, payload: FRAME, type: 'message' })
  expect(header).toEqual({ alg: 'HS256', kid: 'k1', typ: 'conclave-request+jwt' })
  expect(claims).toMatchObject({
    ...{ iss: 'team', aud: new URL(origin).host, htm: 'POST', htu: '/api/v1/publish' },
    bsh: createHash('sha256').update(JSON.stringify(body)).digest('base64url'),
  })
  expect(Number(claims['exp']) - Number(claims['iat'])).toBe(30)
  expect(String(claims['jti'])).toMatch(/^[\w-]{22}$/)
  expect(headers['origin']).toBeUndefined()
})

const CALLS: Readonly<
  Record<string, readonly [call: (client: ServerClient) => Promise<unknown>, body: object]>
> = {
  kick: [(client) => client.kick(who), who],
  ban: [
    (client) => client.ban({ user: 'alice', forMs: 60_000 }),
    { user: 'alice', channel: '', forMs: 60_000 },
  ],
  unban: [(client) => client.unban({ user: 'alice' }), { user: 'alice', channel: '' }],
  revoke: [(client) => client.revoke(who), who],
}

test.each(Object.entries(CALLS))('[G79] %s', async (operation, [call, body]) => {
  const { client, asked } = await startScript([[200, {}]])
  await call(client)
  expect(asked).toMatchObject([{ path: `/team/api/v1/${operation}`, body }])
})

test('[G79] one token is revoked by its id', async () => {
  const { client, asked } = await startScript([[200, {}]])
  await client.revoke({ tokenId: 'ticket-1', expiresInMs: 60_000 })
  expect(asked[0]?.body).toEqual({ token: 'ticket-1', expiresInMs: 60_000 })
})

test('[G79] a ticket is asked for', async () => {
  const { client, asked } = await startScript([[200, { ticket: 't.abc', expiresInMs: 60_000 }]])
  const wanted = {
    channel,
    rights: ['subscribe'] as const,
    user: 'alice',
    device: 'phone',
    expiresInMs: 60_000,
  }
  expect(await client.mintTicket(wanted)).toEqual({ ticket: 't.abc', expiresInMs: 60_000 })
  expect(asked[0]?.body).toEqual(wanted)
})

test('[G78] members come page by page', async () => {
  const { client, asked } = await startScript([page(id, 'alice', 'bob'), page('', 'carol')])
  const users: string[] = []
  for await (const { user } of client.members(channel)) users.push(user)
  expect(users).toEqual(['alice', 'bob', 'carol'])
  expect(asked.map(({ body }) => body['after'])).toEqual(['', id])
})

test.each([
  ['one page again and again', [page(id, 'alice')]],
  ['two pages that take turns', [page(`B${id.slice(1)}`, 'alice'), page(id, 'bob')]],
])('[G78] pages that never end are no answer: %s', async (_what, pages) => {
  const { client, asked } = await startScript(pages)
  const read = async (): Promise<void> => {
    for await (const _ of client.members(channel));
  }
  await expect(read()).rejects.toMatchObject({ code: 'ERR_SERVER_CLIENT_ANSWER' })
  expect(asked).toHaveLength(2)
})

test('[G84] a request without an answer is repeated with the same id and a token for each attempt', async () => {
  const cut: Answer = (request) => request.socket.destroy()
  const { client, asked } = await startScript([cut, [503, {}], [502, 'bad gateway'], [200, {}]])
  await client.publish(channel, envelope)
  expect(asked).toHaveLength(4)
  expect(new Set(asked.map(({ body }) => body['id'])).size).toBe(1)
  expect(new Set(asked.map(({ claims }) => claims['jti'])).size).toBe(4)
})

test('[G84] after four attempts it says so, with the failure of the last one', async () => {
  const { client, asked } = await startScript([(request) => request.socket.destroy()])
  const error: unknown = await client.kick(who).catch((reason: unknown) => reason)
  expect(isServerClientError(error)).toBe(true)
  expect(error).toMatchObject({
    code: 'ERR_SERVER_CLIENT_UNAVAILABLE',
    details: { attempts: 4 },
    cause: { name: 'TypeError' },
  })
  expect(asked).toHaveLength(4)
})

test('[G84] a signal is sent once', async () => {
  const { client, asked } = await startScript([[503, {}]])
  await expect(client.publishSignal(channel, envelope)).rejects.toMatchObject({
    details: { attempts: 1 },
  })
  expect(asked).toMatchObject([{ body: { channel, payload: FRAME, type: 'signal' } }])
})

test.each<[string, Answer, object]>([
  ['401', [401, { error: 'unauthorized' }], { code: 'ERR_SERVER_CLIENT_UNAUTHORIZED' }],
  [
    '429',
    [429, { error: 'rate' }, { 'Retry-After': '7' }],
    { code: 'ERR_SERVER_CLIENT_RATE', details: { retryAfterMs: 7000 } },
  ],
  [
    '429 without a time',
    [429, '429\n'],
    { code: 'ERR_SERVER_CLIENT_RATE', details: { retryAfterMs: 1000 } },
  ],
  [
    'a refusal',
    [413, { error: 'too-large' }],
    { code: 'ERR_SERVER_CLIENT_REFUSED', details: { error: 'too-large', status: 413 } },
  ],
  [
    'a page of another server',
    [404, '<html>'],
    { code: 'ERR_SERVER_CLIENT_ANSWER', details: { status: 404 } },
  ],
  [
    'a redirect',
    [302, {}, { Location: 'https://evil.example/' }],
    { code: 'ERR_SERVER_CLIENT_ANSWER', details: { status: 302 } },
  ],
  ['200 without JSON', [200, 'ok'], { code: 'ERR_SERVER_CLIENT_ANSWER', details: { status: 200 } }],
  [
    'an answer without end',
    [200, ' '.repeat(600_000)],
    { code: 'ERR_SERVER_CLIENT_ANSWER', details: { status: 200 } },
  ],
])('[G84] %s is an error with a code, and not repeated', async (_name, answer, expected) => {
  const { client, asked } = await startScript([answer])
  await expect(client.kick(who)).rejects.toMatchObject(expected)
  expect(asked).toHaveLength(1)
})

test('a signal ends a call, before it, while it waits, and between attempts', async () => {
  const aborter = new AbortController()
  const { signal } = aborter
  const reason = new Error('enough')
  const wait: Answer = () => aborter.abort(reason)
  const { client, asked } = await startScript([wait])
  await expect(client.kick(who, { signal })).rejects.toBe(reason)
  await expect(client.kick(who, { signal })).rejects.toBe(reason)
  expect(asked).toHaveLength(1)
  const later = new AbortController()
  const again = await startScript([
    (request, response) => {
      response.on('close', () => setImmediate(() => later.abort(reason)))
      response.writeHead(503).end()
      void request
    },
  ])
  await expect(again.client.kick(who, { signal: later.signal })).rejects.toBe(reason)
  expect(again.asked).toHaveLength(1)
})

test('behind a proxy the token is for the name that pages know', async () => {
  const { client, asked } = await startScript([[200, {}]], { host: 'meet.example' })
  await client.kick(who)
  expect(asked[0]?.claims['aud']).toBe('meet.example')
})

test.each(['/', '/hub', '/team', '/team/', '/team/hub'])('the hub is found by %s', async (path) => {
  const { origin, asked } = await startScript([[200, {}]])
  await createServerClient({ hub: `${origin}${path}`, app: 'a', keyId: 'k', key: KEY }).kick(who)
  const folder = path.startsWith('/team') ? '/team' : ''
  expect(asked[0]?.path).toBe(`${folder}/api/v1/kick`)
})

function unreachable(): never {
  throw new Error('unreachable')
}
