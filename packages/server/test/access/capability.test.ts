import { encodeBase64Url, textToBytes } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import type { AccessRequest, Decision } from '@conclave/server'
import type { ChannelName, Right, RoomId } from '@conclave/wire'
import { beforeAll, describe, expect, test } from 'vitest'
import { AccessKeys } from '../../src/access/access-keys.ts'
import { CapabilityAuthorizer } from '../../src/access/capability-authorizer.ts'
import { createGrant, createRequest } from './support.ts'
import { createApp, createClaims, createKey, encodeJson, HOST, NOW_S, signToken } from './tokens.ts'
import type { TestKey } from './tokens.ts'

const DENIED = { type: 'denied' }
const ROOM = 'AAAAAAAAAAAAAAAAAAAAAQ' as RoomId
const RIGHTS: readonly Right[] = ['subscribe', 'publish']

let authorizer: CapabilityAuthorizer
let keys: readonly TestKey[]
let key: TestKey

beforeAll(async () => {
  const clock = new VirtualClock()
  const shop = await createApp()
  const other = await createApp('other')
  keys = shop.keys
  key = keys[0] ?? (await createKey('HS256'))
  authorizer = new CapabilityAuthorizer({
    keys: new AccessKeys([shop.app, other.app]),
    hosts: new Set([HOST]),
    clock,
    timeOfDay: () => clock.now(),
  })
})

const decide = async (
  token: string | undefined,
  changes: Partial<AccessRequest> = {},
): Promise<Decision> => authorizer.decide(createRequest({ token, ...changes }))

const decideClaims = async (
  claims: Readonly<Record<string, unknown>>,
  changes: Partial<AccessRequest> = {},
): Promise<Decision> => decide(await signToken(key, createClaims(claims)), changes)

const rightsFor = async (
  ch: unknown,
  channel: string,
  kind: AccessRequest['kind'] = 'private',
): Promise<readonly Right[] | string> => {
  const decision = await decideClaims({ ch }, { channel: channel as ChannelName, kind })
  return decision.type === 'granted' ? [...decision.grant.rights] : decision.type
}

describe('the key', () => {
  test('[G43] a token that a key of an app signed is granted, by each algorithm', async () => {
    for (const each of keys) {
      const grant = createGrant({ tokenId: 'one', untilMs: 1_090_000 })
      expect(await decide(await signToken(each, createClaims()))).toEqual({
        type: 'granted',
        grant,
      })
    }
  })

  test('[G43] a text that is no token of this form is left to other authorizers', async () => {
    for (const token of [undefined, 'session-1', `t.${'A'.repeat(43)}`, 'a.b', 'a.b.c.d'])
      expect(await decide(token)).toEqual({ type: 'pass' })
  })

  test('[G43] a token without a known key is denied', async () => {
    const stranger = await createKey('HS256', key.key.id)
    expect(await decide(await signToken(stranger, createClaims()))).toEqual(DENIED)
    for (const kid of ['nobody', undefined, '', 7, { toString: 1 }, '__proto__'])
      expect(await decide(await signToken(key, createClaims(), { kid }))).toEqual(DENIED)
  })

  test('[G43] the public key of an app is no secret to sign with', async () => {
    for (const { key: one } of keys.slice(1)) {
      for (const secret of [JSON.stringify(one.key), Object(one.key)['x'] as string]) {
        for (const kid of [one.id, key.key.id]) {
          const forger = {
            key: { ...one, id: kid, algorithm: 'HS256' as const },
            signs: textToBytes(secret),
          }
          expect(await decide(await signToken(forger, createClaims()))).toEqual(DENIED)
        }
      }
    }
  })

  test('[G43] a key verifies by no other algorithm than its own', async () => {
    const [hmac, eddsa, ecdsa] = keys as readonly [TestKey, TestKey, TestKey]
    for (const [signer, named] of [
      [hmac, eddsa],
      [eddsa, ecdsa],
      [ecdsa, hmac],
      [eddsa, hmac],
    ] as const)
      expect(await decide(await signToken(signer, createClaims(), { kid: named.key.id }))).toEqual(
        DENIED,
      )
  })

  test.each(['none', 'None', 'NONE', '', 'HS512', 'RS256', 'Ed25519', undefined])(
    '[G43] a token with the algorithm %s is denied',
    async (alg) => {
      const [head, body] = [
        { alg, kid: key.key.id, typ: 'conclave-capability+jwt' },
        createClaims(),
      ]
      const [, , signature] = (await signToken(key, createClaims())).split('.')
      for (const end of ['', signature])
        expect(await decide(`${encodeJson(head)}.${encodeJson(body)}.${end}`)).toEqual(DENIED)
    },
  )

  test('[G43] a token of another use is denied', async () => {
    for (const typ of ['conclave-request+jwt', 'JWT', undefined])
      expect(await decide(await signToken(key, createClaims(), { typ }))).toEqual(DENIED)
  })

  test('[G43] a token that names another app than that of its key is denied', async () => {
    expect(await decideClaims({ iss: 'shop' })).toMatchObject({ type: 'granted' })
    for (const iss of ['other', '', 7, null]) expect(await decideClaims({ iss })).toEqual(DENIED)
  })

  test('[G43] a token that was changed is denied', async () => {
    const [head = '', body = '', end = ''] = (await signToken(key, createClaims())).split('.')
    const claims = encodeJson(createClaims({ sub: 'mallory' }))
    const flipped = (end.startsWith('A') ? 'B' : 'A') + end.slice(1)
    for (const token of [
      `${head}.${claims}.${end}`,
      `${head}.${body}.${flipped}`,
      `${head}.${body}.`,
    ])
      expect(await decide(token)).toEqual(DENIED)
  })

  test('[G43] an oversize token is denied', async () => {
    expect(await decideClaims({ more: 'a'.repeat(9000) })).toEqual(DENIED)
  })

  test('[G43] a payload that is no object of JSON is denied', async () => {
    const { CompactSign } = await import('jose')
    for (const text of ['', '[]', 'null', '7', '{', '\uFEFF{}']) {
      const header = { alg: 'HS256', kid: key.key.id, typ: 'conclave-capability+jwt' }
      const token = await new CompactSign(textToBytes(text))
        .setProtectedHeader(header)
        .sign(key.signs)
      expect(await decide(token)).toEqual(DENIED)
    }
  })
})

describe('the claims', () => {
  test.each(['aud', 'iat', 'exp', 'sub', 'jti', 'cnx', 'ch'])(
    '[G44] a token without "%s" is denied',
    async (claim) => {
      const { [claim]: _left, ...claims } = createClaims()
      expect(await decide(await signToken(key, claims))).toEqual(DENIED)
    },
  )

  test.each([
    [{ aud: 'evil.example' }],
    [{ aud: ['evil.example', 'a.example'] }],
    [{ aud: [] }],
    [{ aud: Array.from({ length: 9 }, () => HOST) }],
    [{ aud: { [HOST]: 1 } }],
    [{ sub: 'alice smith' }],
    [{ sub: '' }],
    [{ sub: 7 }],
    [{ dev: '' }],
    [{ dev: null }],
    [{ jti: '' }],
    [{ jti: 'a'.repeat(129) }],
    [{ iat: '1000' }],
    [{ exp: null }],
    [{ iat: -1 }],
    [{ exp: 1e300 }],
  ])('[G44] %o is denied', async (claims) => {
    expect(await decideClaims(claims)).toEqual(DENIED)
  })

  test('[G44] one of several hosts may be the hub, and unknown claims are ignored', async () => {
    const claims = { aud: ['other.example', HOST], name: 'Alice', __proto__: { sub: 'bob' } }
    expect(await decideClaims(claims)).toMatchObject({ grant: { user: 'alice' } })
  })

  test.each([
    ['has expired', { iat: NOW_S - 60, exp: NOW_S - 30 }],
    ['expires before it begins', { exp: NOW_S - 1 }],
    ['begins later', { iat: NOW_S + 31, exp: NOW_S + 60 }],
    ['is not valid yet', { nbf: NOW_S + 31 }],
    ['holds for more than a day', { exp: NOW_S + 86_401 }],
  ])('[G44] a token that %s is denied', async (_why, claims) => {
    expect(await decideClaims(claims)).toEqual(DENIED)
  })

  test('[G44] clocks may differ by 30 s', async () => {
    const late = await decideClaims({ iat: NOW_S - 60, exp: NOW_S - 29 })
    expect(late).toMatchObject({ grant: { untilMs: 1_001_000 } })
    for (const claims of [
      { iat: NOW_S + 30, exp: NOW_S + 60 },
      { nbf: NOW_S + 30 },
      { exp: NOW_S + 86_400 },
    ])
      expect(await decideClaims(claims)).toMatchObject({ type: 'granted' })
  })

  test('[G44] without a device one is drawn for the connection', async () => {
    const claims = { dev: undefined }
    const deviceOf = async (nonce: string): Promise<string> => {
      const decision = await decideClaims({ ...claims, cnx: nonce }, { nonce })
      return decision.type === 'granted' ? decision.grant.device : decision.type
    }
    const [one, again, other] = [
      await deviceOf('A'.repeat(43)),
      await deviceOf('A'.repeat(43)),
      await deviceOf(`${'A'.repeat(42)}E`),
    ]
    expect(one).toMatch(/^[\w-]{22}$/)
    expect([again === one, other === one]).toEqual([true, false])
  })

  test('[G45] a token is worth nothing on another connection', async () => {
    const token = await signToken(key, createClaims())
    const nonce = encodeBase64Url(new Uint8Array(32).fill(1))
    expect(await decide(token, { nonce })).toEqual(DENIED)
    for (const cnx of ['', null, true, [createRequest().nonce]])
      expect(await decideClaims({ cnx })).toEqual(DENIED)
  })
})

describe('the channels', () => {
  test('[G46] an entry names a channel, or the beginning of channels', async () => {
    const of = (name: string): unknown => [{ name, rights: RIGHTS }]
    expect(await rightsFor(of('private-team-1'), 'private-team-1')).toEqual(RIGHTS)
    expect(await rightsFor(of('private-team-*'), 'private-team-1')).toEqual(RIGHTS)
    expect(await rightsFor(of('private-*'), 'private-x')).toEqual(RIGHTS)
    expect(await rightsFor(of('private-team-*'), 'private-team-')).toEqual(RIGHTS)
    expect(await rightsFor(of('private-team-1'), 'private-team-12')).toEqual([])
    expect(await rightsFor(of('private-team-*'), 'private-tea')).toEqual([])
    expect(await rightsFor(of('private-*'), 'presence-x', 'presence')).toEqual([])
    expect(await rightsFor(of('presence-*'), 'presence-x', 'presence')).toEqual(RIGHTS)
  })

  test('[G46] rooms are named by "room:" only', async () => {
    const of = (name: string): unknown => [{ name, rights: ['subscribe'] }]
    expect(await rightsFor(of(`room:${ROOM}`), ROOM, 'room')).toEqual(['subscribe'])
    expect(await rightsFor(of('room:*'), ROOM, 'room')).toEqual(['subscribe'])
    expect(await rightsFor(of('room:AAAAAAAAAAAAAAAAAAAAAg'), ROOM, 'room')).toEqual([])
    expect(await rightsFor(of('private-*'), ROOM, 'room')).toEqual([])
    // The id of a room may look like the name of a channel.
    expect(await rightsFor(of('private-*'), 'private-AAAAAAAAAAAAAQ', 'room')).toEqual([])
    expect(await rightsFor(of('room:*'), 'private-x')).toEqual([])
  })

  test('[G46] entries that fit add up', async () => {
    const ch = [
      { name: 'private-*', rights: ['subscribe'] },
      { name: 'private-a', rights: ['publish'] },
      { name: 'private-b', rights: ['call'] },
    ]
    expect(await rightsFor(ch, 'private-a')).toEqual(['subscribe', 'publish'])
  })

  test.each([
    ['*'],
    ['private*'],
    ['private-a*b'],
    ['private-**'],
    ['private-a '],
    ['private-'],
    ['public-a'],
    ['room:'],
    ['room:A*'],
    ['room'],
    [`private-${'a'.repeat(160)}`],
    [7],
  ])('[G46] an entry for %s makes the token worthless', async (name) => {
    const ch = [
      { name: 'private-a', rights: RIGHTS },
      { name, rights: RIGHTS },
    ]
    expect(await rightsFor(ch, 'private-a')).toBe('denied')
  })

  test.each([
    ['no entry', []],
    ['too many entries', Array.from({ length: 65 }, () => ({ name: 'private-a', rights: RIGHTS }))],
    ['no list', { name: 'private-a', rights: RIGHTS }],
    ['an unknown right', [{ name: 'private-a', rights: ['subscribe', 'admin'] }]],
    ['no right', [{ name: 'private-a', rights: [] }]],
    ['the same right twice', [{ name: 'private-a', rights: ['call', 'call'] }]],
    ['a further member', [{ name: 'private-a', rights: RIGHTS, until: 1 }]],
  ])('[G46] %s makes the token worthless', async (_what, ch) => {
    expect(await rightsFor(ch, 'private-a')).toBe('denied')
  })
})
