import { createServerClient } from '@conclave/server-client'
import type {
  AccessKeySecret,
  CapabilityOptions,
  ServerClientOptions,
} from '@conclave/server-client'
import { exportJWK, generateKeyPair, jwtVerify } from 'jose'
import type { CryptoKey } from 'jose'
import { expect, test } from 'vitest'

/** 32 bytes. */
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
const nonce = 'A'.repeat(43)
const wanted = {
  ...{ nonce, user: 'alice', device: 'phone', expiresInMs: 90_500 },
  channels: { 'presence-garden': ['subscribe', 'presence'], 'private-team-*': ['subscribe'] },
} satisfies CapabilityOptions

const create = (key: unknown = KEY, options: Partial<ServerClientOptions> = {}) =>
  createServerClient({
    ...{ hub: 'https://meet.example', app: 'team', keyId: 'k1', key: key as AccessKeySecret },
    // Nothing here asks the hub.
    fetch: () => Promise.reject(new Error('unreachable')),
    ...options,
  })

test('[G85] a capability is for one connection, and made without the hub', async () => {
  const { token, tokenId } = await create().mintCapability(wanted)
  const key = new Uint8Array(32).map((_, at) => at)
  const { payload, protectedHeader } = await jwtVerify(token, key)
  expect(protectedHeader).toEqual({ alg: 'HS256', kid: 'k1', typ: 'conclave-capability+jwt' })
  const { iat = 0, exp = 0, ...claims } = payload
  expect(1000 * (exp - iat)).toBeCloseTo(90_500, 1)
  expect(claims).toEqual({
    ...{ iss: 'team', aud: 'meet.example', jti: tokenId },
    ...{ sub: 'alice', dev: 'phone', cnx: nonce },
    ch: [
      { name: 'presence-garden', rights: ['subscribe', 'presence'] },
      { name: 'private-team-*', rights: ['subscribe'] },
    ],
  })
  expect(Math.abs(iat * 1000 - Date.now())).toBeLessThan(60_000)
})

test.each(['EdDSA', 'ES256'])(
  '[G85] a private key of %s signs by its own algorithm',
  async (alg) => {
    const crv = alg === 'EdDSA' ? { crv: 'Ed25519' } : {}
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true, ...crv })
    const client = create(await exportJWK(privateKey as CryptoKey))
    const { token } = await client.mintCapability(wanted)
    const { protectedHeader } = await jwtVerify(token, publicKey)
    expect(protectedHeader).toMatchObject({ alg, kid: 'k1' })
  },
)

test.each<[string, object]>([
  ['nonce', { nonce: 'short' }],
  ['user', { user: 'alice smith' }],
  ['user', { user: '' }],
  ['device', { device: undefined }],
  ['channels', { channels: {} }],
  ['channels', { channels: { garden: ['subscribe'] } }],
  ['channels', { channels: { '*': ['subscribe'] } }],
  ['channels', { channels: { 'room:garden': ['subscribe'] } }],
  ['rights', { channels: { 'private-a': ['everything'] } }],
  ['rights', { channels: { 'private-a': [] } }],
  ['expiresInMs', { expiresInMs: 86_400_001 }],
  ['expiresInMs', { expiresInMs: '60' }],
])('a capability with a wrong "%s" is a mistake of the caller', async (name, change) => {
  await expect(create().mintCapability({ ...wanted, ...change })).rejects.toThrow(
    `"${name}" expected`,
  )
})

test.each(['private-*', 'presence-*', 'private-a*', 'room:*', 'room:AAECAwQFBgcICQoLDA0ODw'])(
  '[G85] %s names channels',
  async (name) => {
    const channels = { [name]: ['subscribe'] as const }
    await expect(create().mintCapability({ ...wanted, channels })).resolves.toBeDefined()
  },
)

test.each<[string, unknown]>([
  ['a short secret', 'AAAA'],
  ['a secret that is no base64url', `${KEY}=`],
  ['a public key', { kty: 'OKP', crv: 'Ed25519', x: KEY }],
  ['a key of another curve', { kty: 'OKP', crv: 'X25519', x: KEY, d: KEY }],
  ['a key of RSA', { kty: 'RSA', n: KEY, d: KEY }],
  ['nothing', undefined],
])('%s is no access key', (_name, key) => {
  expect(() => create(key ?? null)).toThrow('"key" expected')
})

test.each([
  'http://meet.example',
  'wss://meet.example',
  'meet.example',
  'https://alice@meet.example',
  'https://meet.example/?a',
  'https://meet.example/#a',
  'http://localhost.evil.example',
])('%s is no address of a hub', (hub) => {
  expect(() => create(KEY, { hub })).toThrow('"hub" expected an address with https')
})

test('wrong arguments are named', async () => {
  const client = create()
  const bytes = Uint8Array.of(1)
  const calls = {
    channel: () => client.publish('garden', bytes),
    envelope: () => client.publish('private-a', 'sealed' as never),
    id: () => client.publish('private-a', bytes, { id: 'A'.repeat(22) as never }),
    user: () => client.kick({ user: 'ü' }),
    who: () => client.kick(undefined as never),
    what: () => client.revoke(undefined as never),
    tokenId: () => client.revoke({ tokenId: '', expiresInMs: 1 }),
    forMs: () => client.ban({ user: 'alice', forMs: 0 }),
    expiresInMs: () => client.revoke({ tokenId: 'a', expiresInMs: 0 }),
    ticket: () => client.mintTicket(undefined as never),
    capability: () => client.mintCapability(undefined as never),
  }
  for (const [name, call] of Object.entries(calls))
    await expect(call(), name).rejects.toThrow(`"${name}" expected`)
  await expect(client.publish('private-a', new Uint8Array(65_537))).rejects.toThrow(RangeError)
})
