import { encodeBase64Url } from '@conclave/base'
import type { App } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { beforeAll, expect, test } from 'vitest'
import { AccessKeys } from '../../src/access/access-keys.ts'
import { createTestHub } from '../support.ts'
import { createApp, createClaims, createKey, signToken } from './tokens.ts'
import type { TestKey } from './tokens.ts'

const CHANNEL = 'private-support'
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

let app: App
let key: TestKey

beforeAll(async () => {
  const shop = await createApp()
  app = shop.app
  key = shop.keys[0] ?? (await createKey('HS256'))
})

const tokenFor = (client: MemoryClient, changes: object = {}): Promise<string> =>
  signToken(key, createClaims({ cnx: encodeBase64Url(client.nonce), ...changes }))

test('[G45] a capability that mallory copied opens nothing for her, and goes on to hold for alice', async () => {
  const { hub } = createTestHub({ apps: [app] })
  const [alice, mallory] = [new MemoryClient(hub), new MemoryClient(hub)]
  const token = await tokenFor(alice)
  expect(await mallory.subscribe(CHANNEL, { token })).toBeUndefined()
  expect(mallory.heard('denied')).toHaveLength(1)
  expect(await alice.subscribe(CHANNEL, { token })).toMatchObject({ type: 'subscribed' })
  await alice.say({ type: 'unsubscribe', channel: alice.channel })
  expect(await alice.subscribe(CHANNEL, { token })).toMatchObject({ type: 'subscribed' })
})

test('[G43] a token has one text: its signature in another spelling is none', async () => {
  const keys = new AccessKeys([app])
  const token = await signToken(key, createClaims())
  const isGood = async (text: string): Promise<boolean> =>
    (await keys.verify(text, 'capability')) !== undefined
  expect(await isGood(token)).toBe(true)
  const spellings = Array.from(ALPHABET, (last) => token.slice(0, -1) + last)
  const others = spellings.filter((text) => text !== token)
  for (const text of [...others, `${token}=`, `${token}\n`, `${token}.`])
    expect(await isGood(text)).toBe(false)
})

test('[G44] a capability for another hub opens nothing here', async () => {
  const { hub } = createTestHub({ apps: [app] })
  const mallory = new MemoryClient(hub)
  const token = await tokenFor(mallory, { aud: 'evil.example' })
  expect(await mallory.subscribe(CHANNEL, { token })).toBeUndefined()
})

test('[G47] of two connections that show one ticket at once, one gets in', async () => {
  const { hub, clock } = createTestHub()
  const token = await hub.tickets.mint({
    ...{ app: '', channel: CHANNEL, rights: ['subscribe'], user: 'alice', device: 'phone' },
    untilMs: clock.now() + 60_000,
  })
  const clients = Array.from({ length: 4 }, () => new MemoryClient(hub))
  const show = (client: MemoryClient): Promise<unknown> =>
    client.subscribe(CHANNEL, { token: token ?? '' })
  const answers = await Promise.all(clients.map(show))
  expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1)
  expect(clients.flatMap((client) => client.heard('denied'))).toHaveLength(3)
})

test('[G48] a hook that throws a secret shows it to nobody', async () => {
  const { hub, lines } = createTestHub({
    authorize: () => {
      throw new Error('session f3a9 of alice')
    },
  })
  const mallory = new MemoryClient(hub)
  await mallory.subscribe(CHANNEL, { token: 'f3a9' })
  expect(mallory.heard('unavailable')).toMatchObject([{ retryAfterMs: 1000 }])
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'failed', part: 'access' },
  ])
  expect(`${lines.join()}${JSON.stringify(mallory.messages)}`).not.toMatch(/f3a9|alice|support/)
})
