/** Requests of the servers of applications, the answers to them, and webhooks. */
import { encodeBase64Url, textToBytes } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { hashBytes, hmacBytes } from '@conclave/crypto/verify'
import { createHub, createMemoryEngine } from '@conclave/server'
import { verifyWebhook } from '@conclave/server-client'
import { SignJWT } from 'jose'
import { AccessKeys } from '../../../packages/server/src/access/access-keys.ts'
import { ApiOperations } from '../../../packages/server/src/api/api-operations.ts'
import { API_OPERATIONS, decodeApiBody } from '../../../packages/server/src/api/api-call.ts'
import { ServerApi } from '../../../packages/server/src/api/server-api.ts'
import { readRequestClaims } from '../../../packages/server/src/api/request-token.ts'
import {
  decodeDone,
  decodeMemberPage,
  decodeRefusal,
  decodeTicket,
} from '../../../packages/server-client/src/answers.ts'
import { decodeDelivery } from '../../../packages/server-client/src/webhook/delivery.ts'
import { hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const id = 'AAECAwQFBgcICQoLDA0ODw'
const member = { id, user: 'alice', device: 'phone' }
const of = { user: 'alice', channel: 'presence-garden' }

const BODIES = [
  { channel: 'private-a', id, payload: 'AAAA', type: 'message' },
  { channel: 'presence-b', id, payload: '_-8', type: 'signal' },
  { channel: 'presence-b', after: '', limit: 100 },
  { channel: 'presence-b', after: id, limit: 1 },
  { channel: id, rights: ['subscribe', 'call'], ...member, id: undefined, expiresInMs: 60_000 },
  of,
  { user: 'bob', channel: '' },
  { token: 'ticket-1', expiresInMs: 1 },
  { ...of, forMs: 315_360_000_000 },
].map((body) => JSON.stringify(body))

const DELIVERIES = [
  { version: 1, app: 'team', hub: 'a', dropped: 0, events: [] },
  {
    ...{ version: 1, app: '', hub: 'a', dropped: 7 },
    events: [
      { id: 'a.1', type: 'channelOccupied', channel: 'private-a', atMs: 1 },
      { id: 'a.2', type: 'memberAdded', channel: 'presence-b', atMs: 2, member },
      { id: 'a.3', type: 'memberRemoved', channel: 'presence-b', atMs: 3, member },
      { id: 'a.4', type: 'laterType', channel: 'presence-b', atMs: 4 },
      { id: 'a.5', type: 'channelVacated', channel: 'private-a', atMs: 5 },
    ],
  },
].map((body) => JSON.stringify(body))

/** Text that was changed, bytes that were changed, or JSON of anything. */
function makeBytes(random: Random, valid: readonly string[]): Uint8Array {
  if (random.oneIn(8)) return textToBytes(randomJson(random))
  if (random.oneIn(3)) return mutateBytes(random, valid.map(textToBytes))
  return textToBytes(mutateText(random, valid, 2048))
}

const requestBodies: FuzzTarget = {
  name: 'server-api/request-body',
  share: 60,
  async prepare() {
    return {
      attempt(random, note) {
        const bytes = makeBytes(random, BODIES)
        note(bytes)
        const fitting = API_OPERATIONS.filter(
          (operation) => decodeApiBody(operation, bytes) !== undefined,
        )
        for (const operation of fitting) {
          const body = decodeApiBody(operation, bytes)
          const again = decodeApiBody(operation, textToBytes(JSON.stringify(body)))
          mustEqual(again, body, 'what was read can be written and read')
        }
        return fitting[0] ?? 'refused'
      },
    }
  },
}

const claims: FuzzTarget = {
  name: 'server-api/request-claims',
  share: 40,
  async prepare() {
    const facts = {
      ...{ hosts: new Set(['meet.example']), method: 'POST', path: '/api/v1/kick' },
      nowMs: 1_700_000_000_000,
    }
    const valid = {
      ...{ iss: 'team', aud: 'meet.example', iat: 1_700_000_000, exp: 1_700_000_030 },
      ...{ jti: id, htm: 'POST', htu: '/api/v1/kick', bsh: 'A'.repeat(43) },
    }
    return {
      attempt(random, note) {
        const given: Record<string, unknown> = { ...valid }
        const name = random.pick(Object.keys(valid))
        if (!random.oneIn(4)) given[name] = random.oneIn(2) ? random.uint32() : hostileValue(random)
        note(given)
        const read = readRequestClaims(given, facts)
        if (read === undefined) return 'refused'
        mustHold(read.exp - read.iat > 0 && read.exp - read.iat <= 60, 'a token lives a minute')
        return 'accepted'
      },
    }
  },
}

const signed: FuzzTarget = {
  name: 'server-api/signed-request',
  share: 10,
  async prepare() {
    const secret = new Uint8Array(32).fill(7)
    const key = { id: 'one', algorithm: 'HS256', key: encodeBase64Url(secret) } as const
    const clock = new VirtualClock()
    const hub = createHub({
      engine: createMemoryEngine(),
      origins: ['https://meet.example'],
      clock,
    })
    const { channels, tickets } = hub
    const { maxPayloadBytes } = hub.limits
    const api = new ServerApi({
      operations: new ApiOperations({ channels, tickets, clock, maxPayloadBytes }),
      hosts: new Set(['meet.example']),
      keys: new AccessKeys([{ id: 'team', keys: [key] }]),
      ...{ isDraining: () => false, clock, timeOfDay: () => 0, onAnswer: () => {} },
    })
    const given = { method: 'POST', path: '/api/v1/kick', body: BODIES[6] ?? '' }
    const sign = async (jti: string): Promise<string> => {
      const bsh = encodeBase64Url(await hashBytes(textToBytes(given.body)))
      const claims = { aud: 'meet.example', iat: 0, exp: 60, jti, htm: given.method, bsh }
      const token = new SignJWT({ ...claims, htu: given.path })
      const header = { alg: 'HS256', kid: 'one', typ: 'conclave-request+jwt' }
      return token.setProtectedHeader(header).sign(secret)
    }
    const valid = [await sign(id), await sign('B'.repeat(64))]
    return {
      async attempt(random, note) {
        const token = random.oneIn(4) ? random.pick(valid) : mutateText(random, valid, 4096)
        const path = random.oneIn(4) ? mutateText(random, [given.path], 64) : given.path
        const method = random.oneIn(8) ? mutateText(random, ['POST', 'GET'], 8) : given.method
        const text = random.oneIn(3) ? mutateText(random, BODIES, 2048) : given.body
        note({ token, path, method, text })
        // No faster than an app may ask.
        clock.advance(3)
        const { outcome } = await api.answer({
          ...{ method, path, authorization: `Bearer ${token}`, origin: undefined },
          readBody: async () => textToBytes(text),
        })
        if (outcome === 'unauthorized') return outcome
        const isNamed = valid.includes(token) && path === given.path && method === given.method
        const isSigned = outcome === 'ok' ? text === given.body : true
        if (!isNamed || !isSigned) throw new FuzzFailure('forged', 'a request that nobody signed')
        return outcome
      },
      async finish() {
        await hub.close()
      },
    }
  },
}

const answers: FuzzTarget = {
  name: 'server-client/answer',
  share: 40,
  async prepare() {
    const valid = [
      { members: [{ ...member, info: '' }], total: 1, next: '' },
      { members: [], total: 0, next: id },
      { ticket: 'abc.def', expiresInMs: 60_000 },
      { error: 'too-large' },
      {},
    ].map((answer) => JSON.stringify(answer))
    return {
      attempt(random, note) {
        const bytes = makeBytes(random, valid)
        note(bytes)
        const isDone = decodeDone(bytes)
        const page = decodeMemberPage(bytes)
        const ticket = decodeTicket(bytes)
        const refusal = decodeRefusal(bytes)
        mustHold((page?.members.length ?? 0) <= 100, 'a page is bounded')
        if (page !== undefined) return 'page'
        if (ticket !== undefined) return 'ticket'
        if (refusal !== undefined) return 'refusal'
        return isDone === true ? 'done' : 'refused'
      },
    }
  },
}

const deliveries: FuzzTarget = {
  name: 'server-client/webhook-body',
  share: 60,
  async prepare() {
    return {
      attempt(random, note) {
        const bytes = makeBytes(random, DELIVERIES)
        note(bytes)
        const delivery = decodeDelivery('id', bytes)
        if (delivery === undefined) return 'refused'
        const again = { ...delivery, version: 1, id: undefined }
        const read = decodeDelivery('id', textToBytes(JSON.stringify(again)))
        mustEqual(read, delivery, 'what was read can be written and read')
        return `of ${delivery.events.length}`
      },
    }
  },
}

const webhooks: FuzzTarget = {
  name: 'server-client/webhook',
  share: 8,
  async prepare() {
    const key = new Uint8Array(32).fill(7)
    const secret = `whsec_${Buffer.from(key).toString('base64')}`
    const body = textToBytes(DELIVERIES[1] ?? '')
    const nowMs = 1_700_000_000_000
    const signed = textToBytes(`a.1.1700000000.${DELIVERIES[1]}`)
    const signature = Buffer.from(await hmacBytes(key, signed)).toString('base64')
    const valid = {
      'webhook-id': 'a.1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${signature}`,
    }
    return {
      async attempt(random, note) {
        const headers: Record<string, string> = { ...valid }
        const name = random.pick(Object.keys(valid))
        if (random.oneIn(3)) headers[name] = mutateText(random, Object.values(valid), 128)
        if (random.oneIn(9)) headers[name] = hostileValue(random) as string
        const bytes = random.oneIn(3) ? mutateBytes(random, [body]) : body
        note({ headers, bytes })
        const delivery = await verifyWebhook({ headers, body: bytes, secret, nowMs })
        if (delivery === undefined) return 'refused'
        if (toHex(bytes) !== toHex(body) || delivery.id !== 'a.1')
          throw new FuzzFailure('forged', 'accepted what nobody signed')
        return 'accepted'
      },
    }
  },
}

/** The targets of the API for the servers of applications. */
export const SERVER_API_TARGETS: readonly FuzzTarget[] = [
  requestBodies,
  claims,
  signed,
  answers,
  deliveries,
  webhooks,
]
