/** Tokens, the file of applications, and answers of webhooks, as a hub takes them. */
import { encodeBase64Url } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { AccessRequest, Decision } from '@conclave/server'
import type { ChannelName } from '@conclave/wire'
import { SignJWT } from 'jose'
import { AccessKeys } from '../../../packages/server/src/access/access-keys.ts'
import { readApps } from '../../../packages/server/src/access/app.ts'
import { CapabilityAuthorizer } from '../../../packages/server/src/access/capability-authorizer.ts'
import { readCapability } from '../../../packages/server/src/access/capability.ts'
import { Tickets } from '../../../packages/server/src/access/tickets.ts'
import { WebhookAuthorizer } from '../../../packages/server/src/access/webhook-authorizer.ts'
import { readAppsFile } from '../../../packages/server/src/ops/config/apps-file.ts'
import { mutateBytes, mutateText, randomJson } from '../mutate.ts'
import { FuzzFailure, mustHold } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const SECRET = new Uint8Array(32).fill(7)
const NONCE = encodeBase64Url(new Uint8Array(32).fill(1))
const HOST = 'meet.example'
const CHANNEL = 'private-support' as ChannelName
const APPS = [
  { id: 'shop', keys: [{ id: 'one', algorithm: 'HS256', key: encodeBase64Url(SECRET) }] },
]
const SERVER = {
  url: 'https://shop.example/authorize',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
}
const CLAIMS = {
  ...{ aud: HOST, iat: 1000, exp: 1060, sub: 'alice', dev: 'phone', jti: 'one', cnx: NONCE },
  ch: [{ name: 'private-*', rights: ['subscribe', 'publish'] }],
}
const REQUEST: AccessRequest = {
  ...{ channel: CHANNEL, kind: 'private', wants: ['subscribe'], token: undefined, nonce: NONCE },
  ...{ host: HOST, facts: { origin: undefined, address: undefined, header: () => undefined } },
}
const { signal } = new AbortController()

const sign = (claims: object): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', kid: 'one', typ: 'conclave-capability+jwt' })
    .sign(SECRET)

const tokens: FuzzTarget = {
  name: 'access/token',
  share: 10,
  async prepare() {
    const clock = new VirtualClock()
    const keys = new AccessKeys(readApps(APPS))
    const options = { keys, hosts: new Set([HOST]), clock, timeOfDay: () => clock.now() }
    const authorizer = new CapabilityAuthorizer(options)
    const valid = [await sign(CLAIMS), await sign({ ...CLAIMS, sub: 'bob' })]
    return {
      async attempt(random, note) {
        const token = mutateText(random, valid, 9000)
        note(token)
        const decision: Decision = await authorizer.decide({ ...REQUEST, token })
        if (decision.type !== 'granted') return decision.type
        if (!valid.includes(token)) throw new FuzzFailure('forged', 'a token that nobody signed')
        return 'granted'
      },
    }
  },
}

const tickets: FuzzTarget = {
  name: 'access/ticket',
  share: 20,
  async prepare() {
    const clock = new VirtualClock()
    const waiting = new Tickets({ clock })
    const ticket = {
      app: 'shop',
      channel: CHANNEL,
      rights: ['subscribe'],
      device: 'phone',
    } as const
    const untilMs = clock.now() + 60_000
    const mint = (user: string) => waiting.mint({ ...ticket, user, untilMs })
    const valid = [(await mint('alice')) ?? '', (await mint('bob')) ?? '']
    return {
      async attempt(random, note) {
        const token = mutateText(random, valid, 128)
        note(token)
        if (valid.includes(token)) return 'as it was made'
        const { type } = await waiting.decide({ ...REQUEST, token })
        if (type === 'granted') throw new FuzzFailure('forged', 'a ticket that nobody made')
        return type
      },
      async finish() {
        for (const token of valid) {
          const { type } = await waiting.decide({ ...REQUEST, token })
          mustHold(type === 'granted', 'others than its own text use no ticket up')
        }
      },
    }
  },
}

const claims: FuzzTarget = {
  name: 'access/claims',
  share: 60,
  async prepare() {
    const context = { hosts: new Set([HOST]), nonce: NONCE, nowMs: 1_000_000 }
    const texts = [JSON.stringify(CLAIMS), JSON.stringify({ ...CLAIMS, nbf: 0, aud: [HOST] })]
    return {
      attempt(random, note) {
        const text = random.oneIn(8) ? randomJson(random) : mutateText(random, texts, 2048)
        note(text)
        const value = parse(text)
        if (typeof value !== 'object' || value === null) return 'no object'
        const capability = readCapability(value as Record<string, unknown>, context)
        if (capability === undefined) return 'refused'
        const { user, untilMs, issuedMs, channels } = capability
        mustHold(/^[\x21-\x7e]{1,128}$/.test(user), 'a user has a name')
        mustHold(untilMs > context.nowMs && untilMs - issuedMs <= 86_430_000, 'it holds for a day')
        mustHold(channels.length > 0 && channels.length <= 64, 'it has channels')
        return 'accepted'
      },
    }
  },
}

const apps: FuzzTarget = {
  name: 'access/apps',
  share: 60,
  async prepare() {
    const valid = [JSON.stringify([...APPS, { id: 'chat', keys: [], authorize: SERVER }])]
    return {
      attempt(random, note) {
        const text = random.oneIn(8) ? randomJson(random) : mutateText(random, valid, 2048)
        const value = parse(text)
        note(text)
        try {
          mustHold(readAppsFile(value).apps.length <= 64, 'there are 64 applications at most')
          return 'accepted'
        } catch (error) {
          const { code, message } = error as { readonly code?: unknown; readonly message: string }
          if (code !== 'ERR_SERVER_APPS') throw error
          mustHold(!message.includes('BwcHBw') && !message.includes('MfKQ9'), 'no secret is shown')
          return 'refused'
        }
      },
    }
  },
}

const answers: FuzzTarget = {
  name: 'access/webhook-answer',
  share: 20,
  async prepare() {
    const clock = new VirtualClock()
    const granted = { user: 'alice', device: 'phone', rights: ['subscribe'], expiresInMs: 60_000 }
    const valid = [granted, { pass: true }, { deny: true }].map((answer) =>
      Buffer.from(JSON.stringify(answer)),
    )
    let body: Uint8Array = new Uint8Array()
    const authorizer = new WebhookAuthorizer({
      ...{ app: 'shop', url: SERVER.url, secret: SECRET, clock, timeOfDay: () => clock.now() },
      post: async () => ({ status: 200, body }),
    })
    return {
      async attempt(random, note) {
        body = mutateBytes(random, valid)
        note(body)
        const { type } = await authorizer.decide(REQUEST, { signal })
        return type
      },
      async finish() {
        mustHold(clock.pending === 0, 'no timer is left')
      },
    }
  },
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The targets of the access of `@conclave/server`. */
export const ACCESS_TARGETS: readonly FuzzTarget[] = [tokens, tickets, claims, apps, answers]
