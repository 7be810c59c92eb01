import { decodeText, textToBytes } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { AccessRequest, Decision } from '@conclave/server'
import { expect, test } from 'vitest'
import { WebhookAuthorizer } from '../../src/access/webhook-authorizer.ts'
import type { Post, PostRequest } from '../../src/access/webhook-authorizer.ts'
import { signWebhook } from '../../src/webhooks/sign-webhook.ts'
import { createRequest } from './support.ts'

const URL = 'https://shop.example/authorize'
const SECRET = new Uint8Array(32).fill(7)
const UNAVAILABLE = { type: 'unavailable' }
const ALICE = { user: 'alice', device: 'phone', rights: ['subscribe'], expiresInMs: 60_000 }

const create = (post: Post): { authorizer: WebhookAuthorizer; clock: VirtualClock } => {
  const clock = new VirtualClock()
  const options = {
    app: 'shop',
    url: URL,
    secret: SECRET,
    post,
    clock,
    timeOfDay: () => clock.now(),
  }
  return { authorizer: new WebhookAuthorizer(options), clock }
}

const decide = (post: Post, changes: Partial<AccessRequest> = {}): Promise<Decision> =>
  create(post).authorizer.decide(createRequest(changes), { signal: new AbortController().signal })

const answer =
  (body: unknown, status = 200): Post =>
  async () => ({
    status,
    body: textToBytes(typeof body === 'string' ? body : JSON.stringify(body)),
  })

test('[G49] the server is asked by a signed request', async () => {
  const sent: PostRequest[] = []
  const facts = {
    ...{ origin: 'https://meet.example', address: '192.0.2.1' },
    header: (name: string): string | undefined => ({ cookie: 'session=1', accept: 'x' })[name],
  }
  const post: Post = (request) => {
    sent.push(request)
    return answer({ pass: true })(request)
  }
  const request = createRequest({ facts, token: 'mine' })
  expect(await decide(post, request)).toEqual({ type: 'pass' })
  const [{ url, headers, body, maxBytes } = { body: new Uint8Array() }] = sent as [PostRequest?]
  expect({ url, maxBytes }).toEqual({ url: URL, maxBytes: 16_384 })
  expect(JSON.parse(decodeText(body) ?? '')).toEqual({
    ...{ version: 1, type: 'authorize', app: 'shop', channel: 'private-support', kind: 'private' },
    ...{
      wants: ['subscribe', 'publish'],
      nonce: request.nonce,
      token: 'mine',
      host: 'meet.example',
    },
    ...{ origin: 'https://meet.example', address: '192.0.2.1' },
    headers: { authorization: '', cookie: 'session=1' },
  })
  const id = headers?.['webhook-id'] ?? ''
  expect(id).toMatch(/^[\w-]{24}$/)
  const signed = await signWebhook({ key: SECRET, id, timestampS: 1000, body })
  expect(headers).toEqual({ ...signed, 'content-type': 'application/json' })
})

test('[G49] an answer of the exact form decides', async () => {
  expect(await decide(answer({ pass: true }))).toEqual({ type: 'pass' })
  expect(await decide(answer({ deny: true }))).toEqual({ type: 'denied' })
  const grant = {
    ...{ app: 'shop', user: 'alice', device: 'phone', rights: new Set(['subscribe']) },
    ...{ issuedMs: 1_000_000, untilMs: 1_060_000 },
  }
  expect(await decide(answer(ALICE))).toEqual({ type: 'granted', grant })
  const { device: _device, ...drawn } = ALICE
  expect(await decide(answer(drawn))).toMatchObject({ type: 'granted' })
})

test.each([
  ['another status', answer(ALICE, 201)],
  ['a redirect', answer(ALICE, 302)],
  ['a refusal by status', answer({ deny: true }, 403)],
  ['a fault of the server', answer('', 500)],
  ['no JSON', answer('<html>')],
  ['nothing', answer('')],
  ['a list', answer([])],
  ['an empty object', answer({})],
  ['a further member', answer({ ...ALICE, role: 'admin' })],
  ['two answers', answer({ pass: true, deny: true })],
  ['a pass that is none', answer({ pass: 1 })],
  ['no user', answer({ ...ALICE, user: '' })],
  ['unknown rights', answer({ ...ALICE, rights: ['admin'] })],
  ['a longer time', answer({ ...ALICE, expiresInMs: 86_400_001 })],
  ['too many bytes', answer(JSON.stringify(ALICE).padEnd(16_385))],
  ['bytes that are no text', async () => ({ status: 200, body: new Uint8Array([0xff]) })],
  ['no answer', () => Promise.reject(new Error('refused'))],
])('[G49] %s decides nothing', async (_what, post) => {
  expect(await decide(post as Post)).toEqual(UNAVAILABLE)
})

test('[G52] a grant was issued when the server was asked: what was revoked while it decided does not hold', async () => {
  const { authorizer, clock } = create(async (request) => {
    clock.advance(1000)
    return answer(ALICE)(request)
  })
  const decision = await authorizer.decide(createRequest(), {
    signal: new AbortController().signal,
  })
  expect(decision).toMatchObject({ grant: { issuedMs: 1_000_000, untilMs: 1_060_000 } })
})

test('[G49] an answer that does not come within 3 s decides nothing, and its request is aborted', async () => {
  let sent: AbortSignal | undefined
  let onSent = (): void => {}
  const arrived = new Promise<void>((resolve) => (onSent = resolve))
  const { authorizer, clock } = create(({ signal }) => {
    sent = signal
    onSent()
    return new Promise(() => {})
  })
  const decision = authorizer.decide(createRequest(), { signal: new AbortController().signal })
  await arrived
  clock.advance(2999)
  expect(sent?.aborted).toBe(false)
  clock.advance(1)
  expect(await decision).toEqual(UNAVAILABLE)
  expect(sent?.aborted).toBe(true)
})

test('[G49] a request that is not waited for any longer is aborted', async () => {
  const controller = new AbortController()
  const { authorizer } = create(
    ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
        controller.abort()
      }),
  )
  const decision = await authorizer.decide(createRequest(), { signal: controller.signal })
  expect(decision).toEqual(UNAVAILABLE)
})
