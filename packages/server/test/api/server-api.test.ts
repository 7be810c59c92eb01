import { encodeBase64Url, textToBytes } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { hashBytes } from '@conclave/crypto/verify'
import { expect, test } from 'vitest'
import { ServerError } from '@conclave/server/errors'
import { AccessKeys } from '../../src/access/access-keys.ts'
import type { ApiAnswer } from '../../src/api/api-answer.ts'
import { ApiOperations } from '../../src/api/api-operations.ts'
import { ServerApi } from '../../src/api/server-api.ts'
import type { ApiRequest } from '../../src/api/server-api.ts'
import { createApp, HOST, NOW_S, signToken } from '../access/tokens.ts'
import type { TestKey } from '../access/tokens.ts'
import { createTestHub, unreachable } from '../support.ts'

const path = '/api/v1/kick'
const body = textToBytes('{"user":"alice","channel":""}')

test('[G75] an app that asks too often is told so, until its bucket fills, and others are answered', async () => {
  const { api, one, other, clock } = await createApi()
  for (let at = 0; at < 500; at += 1) expect((await ask(api, one)).outcome).toBe('ok')
  expect(await ask(api, one)).toMatchObject({ outcome: 'rate', status: 429, retryAfterS: 1 })
  expect((await ask(api, other)).outcome).toBe('ok')
  clock.advance(10)
  expect((await ask(api, one)).outcome).toBe('ok')
})

test('[G75] requests at the same time are bounded, and an app has half of them', async () => {
  const { api, one, other } = await createApi()
  const waiting: (() => void)[] = []
  let full = (): void => {}
  const isFull = new Promise<void>((resolve) => (full = resolve))
  const readBody = (): Promise<typeof body> =>
    new Promise((resolve) => {
      if (waiting.push(() => resolve(body)) === 128) full()
    })
  const held = [
    ...Array.from({ length: 64 }, () => ask(api, one, { readBody })),
    ...Array.from({ length: 64 }, () => ask(api, other, { readBody })),
  ]
  await isFull
  expect(await ask(api, one)).toMatchObject({ outcome: 'busy', status: 503 })
  for (const answer of waiting) answer()
  expect(new Set((await Promise.all(held)).map(({ outcome }) => outcome))).toEqual(new Set(['ok']))
  expect((await ask(api, one)).outcome).toBe('ok')
})

test('[G72] nothing of a body is read before its token is verified', async () => {
  const { api, one } = await createApi()
  let reads = 0
  const readBody = async (): Promise<typeof body> => {
    reads += 1
    return body
  }
  for (const change of [
    { origin: 'https://meet.example' },
    { authorization: 'Bearer a.b.c' },
    { path: '/api/v1/ban' },
  ])
    expect((await ask(api, one, { readBody, ...change })).outcome).toBe('unauthorized')
  expect(reads).toBe(0)
  expect((await ask(api, one, { readBody })).outcome).toBe('ok')
  expect(reads).toBe(1)
})

test('[G79, G52] when no more revocations are kept, a ban is refused', async () => {
  const { api, one } = await createApi(() => {
    throw new ServerError('ERR_SERVER_REVOCATIONS_FULL', { maxEntries: 1 })
  })
  expect(await ask(api, one)).toMatchObject({ outcome: 'revocations-full', status: 507 })
})

test('[G70] an exception in a hub is not told to anybody', async () => {
  const { api, one } = await createApi(() => {
    throw new Error('a secret')
  })
  expect(await ask(api, one)).toMatchObject({
    outcome: 'unavailable',
    body: '{"error":"unavailable"}',
  })
})

let count = 0

/** Sends a request with a fresh token. */
async function ask(
  api: ServerApi,
  { key, signs }: TestKey,
  change: Partial<ApiRequest> = {},
): Promise<ApiAnswer> {
  const claims = {
    ...{
      aud: HOST,
      iat: NOW_S,
      exp: NOW_S + 60,
      jti: `token-${(count += 1).toString().padStart(16, '0')}`,
    },
    ...{ htm: 'POST', htu: path, bsh: encodeBase64Url(await hashBytes(body)) },
  }
  const token = await signToken({ key, signs }, claims, { typ: 'conclave-request+jwt' })
  return api.answer({
    ...{ method: 'POST', path, authorization: `Bearer ${token}`, origin: undefined },
    readBody: async () => body,
    ...change,
  })
}

async function createApi(revoke?: () => void): Promise<{
  readonly api: ServerApi
  readonly one: TestKey
  readonly other: TestKey
  readonly clock: VirtualClock
}> {
  const clock = new VirtualClock()
  const [one, other] = [await createApp('one'), await createApp('other')]
  const { hub } = createTestHub({ clock })
  const { channels, tickets } = hub
  const operations = new ApiOperations({
    channels:
      revoke === undefined
        ? channels
        : { publish: async () => 'sent', members: channels.members, revoke },
    ...{ tickets, clock, maxPayloadBytes: hub.limits.maxPayloadBytes },
  })
  const api = new ServerApi({
    ...{ operations, clock, hosts: new Set([HOST]), keys: new AccessKeys([one.app, other.app]) },
    ...{ isDraining: () => false, timeOfDay: () => clock.now(), onAnswer: () => {} },
  })
  return { api, clock, one: one.keys[0] ?? unreachable(), other: other.keys[0] ?? unreachable() }
}
