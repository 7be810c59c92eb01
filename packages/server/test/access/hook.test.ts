import { VirtualClock } from '@conclave/base/testing'
import type { Decision } from '@conclave/server'
import { expect, test } from 'vitest'
import { HookAuthorizer } from '../../src/access/hook-authorizer.ts'
import type { HookAnswer, HookRequest } from '../../src/access/hook-authorizer.ts'
import { CHANNEL, createRequest } from './support.ts'

const DENIED = { type: 'denied' }
const PASS = { type: 'pass' }
const ALICE = { user: 'alice', rights: ['subscribe'], expiresInMs: 60_000 }

const decide = async (
  answer: unknown,
  changes: Parameters<typeof createRequest>[0] = {},
): Promise<Decision> => {
  const hook = (): never => answer as never
  const authorizer = new HookAuthorizer(hook, { clock: new VirtualClock() })
  return authorizer.decide(createRequest(changes), { signal: new AbortController().signal })
}

test('[G48] a hook sees the request of the connection and what it wants', async () => {
  let seen: HookRequest | undefined
  const hook = (request: HookRequest): undefined => void (seen = request)
  const { signal } = new AbortController()
  const facts = {
    ...{ origin: 'https://meet.example', address: '192.0.2.1' },
    header: (name: string): string | undefined => (name === 'cookie' ? 'session=1' : undefined),
  }
  const request = createRequest({ facts, token: 'mine' })
  const authorizer = new HookAuthorizer(hook, { clock: new VirtualClock() })
  expect(await authorizer.decide(request, { signal })).toEqual(PASS)
  expect(seen).toEqual({
    ...{ channel: CHANNEL, kind: 'private', wants: ['subscribe', 'publish'], token: 'mine' },
    ...{ nonce: request.nonce, host: 'meet.example', request: facts, signal },
  })
  expect(seen?.request.header('cookie')).toBe('session=1')
})

test('[G48] "undefined" and "false" leave the decision to others, and "deny" ends it', async () => {
  expect(await decide(undefined)).toEqual(PASS)
  expect(await decide(false)).toEqual(PASS)
  expect(await decide(Promise.resolve())).toEqual(PASS)
  expect(await decide({ deny: true })).toEqual(DENIED)
})

test('[G48] a user with rights for a time is a grant of the program itself', async () => {
  const grant = {
    ...{ app: '', user: 'alice', device: 'phone', rights: new Set(['subscribe']) },
    ...{ issuedMs: 1_000_000, untilMs: 1_060_000 },
  }
  expect(await decide({ ...ALICE, device: 'phone' })).toEqual({ type: 'granted', grant })
})

test('[G52] a grant was issued when the hook was asked: what was revoked while it decided does not hold', async () => {
  const clock = new VirtualClock()
  const hook = async (): Promise<HookAnswer> => {
    clock.advance(1000)
    return { ...ALICE, rights: ['subscribe'] }
  }
  const authorizer = new HookAuthorizer(hook, { clock })
  const decision = await authorizer.decide(createRequest(), {
    signal: new AbortController().signal,
  })
  expect(decision).toMatchObject({ grant: { issuedMs: 1_000_000, untilMs: 1_060_000 } })
})

test('[G48] without a device the connection has the one that a capability would give it', async () => {
  const [one, again] = [
    await decide(ALICE),
    await decide(Promise.resolve({ ...ALICE, device: undefined })),
  ]
  expect(one).toMatchObject({ grant: { device: expect.stringMatching(/^[\w-]{22}$/) as string } })
  expect(again).toEqual(one)
  const other = await decide(ALICE, { nonce: `${'A'.repeat(42)}E` })
  expect(other).not.toEqual(one)
})

test.each([
  [true],
  [null],
  ['alice'],
  [[]],
  [{}],
  [{ deny: false }],
  [{ ...ALICE, user: 'alice smith' }],
  [{ ...ALICE, device: '' }],
  [{ ...ALICE, rights: 'subscribe' }],
  [{ ...ALICE, rights: ['admin'] }],
  [{ ...ALICE, expiresInMs: -1 }],
  [{ ...ALICE, expiresInMs: 0.5 }],
  [{ ...ALICE, expiresInMs: 86_400_001 }],
  [{ ...ALICE, expiresInMs: undefined }],
  [{ ...ALICE, deny: true }],
  [{ ...ALICE, role: 'admin' }],
])('[G48] %o denies', async (answer) => {
  expect(await decide(answer)).toEqual(DENIED)
})
