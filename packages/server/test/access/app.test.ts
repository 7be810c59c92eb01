import { encodeBase64Url } from '@conclave/base'
import { beforeAll, expect, test } from 'vitest'
import { readApps } from '../../src/access/app.ts'
import type { AccessKey } from '../../src/access/app.ts'
import { createKey } from './tokens.ts'

const SECRET = encodeBase64Url(new Uint8Array(32).fill(9))
const ZERO = encodeBase64Url(new Uint8Array(32))
const HMAC = { id: 'one', algorithm: 'HS256', key: SECRET }

let eddsa: AccessKey
let ecdsa: AccessKey

beforeAll(async () => {
  eddsa = (await createKey('EdDSA')).key
  ecdsa = (await createKey('ES256')).key
})

const messageOf = (value: unknown): string => {
  try {
    readApps(value)
    return 'no fault'
  } catch (error) {
    expect(error).toMatchObject({ name: 'ServerError', code: 'ERR_SERVER_APPS' })
    return (error as Error).message
  }
}

test('[G53] apps have keys, each with its algorithm', () => {
  const apps = [
    { id: 'shop', keys: [HMAC, eddsa, ecdsa] },
    { id: 'chat', keys: [] },
  ]
  expect(readApps(apps)).toEqual(apps)
  expect(readApps([])).toEqual([])
})

test('[G53] of a key as a JWK the parts that make it count', () => {
  const jwk = { ...(eddsa.key as object), kid: 'x', use: 'sig', alg: 'none' }
  const apps = [
    {
      id: 'shop',
      keys: [
        { ...eddsa, key: jwk },
        { ...HMAC, key: { kty: 'oct', k: SECRET } },
      ],
    },
  ]
  expect(readApps(apps)).toEqual([{ id: 'shop', keys: [eddsa, HMAC] }])
})

test('[G53] a fault names its place', () => {
  const app = (changes: object): string =>
    messageOf([
      { id: 'a', keys: [] },
      { id: 'shop', keys: [], ...changes },
    ])
  const key = (changes: object): string =>
    app({
      keys: [
        { ...HMAC, id: 'two' },
        { ...HMAC, ...changes },
      ],
    })
  expect(messageOf({})).toMatch(/^of the apps the list is wrong/)
  expect(messageOf(Array.from({ length: 65 }, () => ({})))).toMatch(/at most 64/)
  expect(messageOf([7])).toMatch(/\[0\] is wrong: an object/)
  expect(app({ keys: 7 })).toMatch(/\[1\]\.keys is wrong/)
  expect(app({ id: '' })).toMatch(/\[1\]\.id is wrong/)
  expect(app({ id: 'a b' })).toMatch(/\[1\]\.id is wrong/)
  expect(app({ id: 'a' })).toMatch(/\[1\]\.id is wrong: an id that nothing before it has/)
  expect(app({ secret: 'x' })).toMatch(/\[1\] is wrong: it has a member that is none of id, keys/)
  expect(messageOf([{ keys: [] }])).toMatch(/\[0\] is wrong: it needs "id"/)
  expect(app({ keys: Array.from({ length: 17 }, () => HMAC) })).toMatch(/at most 16/)
  expect(key({ id: 7 })).toMatch(/\[1\]\.keys\[1\]\.id is wrong/)
  expect(key({ algorithm: 'none' })).toMatch(/\[1\]\.keys\[1\]\.algorithm is wrong/)
  expect(key({ algorithm: 'HS512' })).toMatch(/\[1\]\.keys\[1\]\.algorithm is wrong/)
  expect(key({ more: 1 })).toMatch(/\[1\]\.keys\[1\] is wrong: it has a member/)
  expect(key({ key: undefined })).toMatch(/\[1\]\.keys\[1\]\.key is wrong/)
  expect(key({ key: SECRET.slice(2) })).toMatch(/\[1\]\.keys\[1\]\.key is wrong: a secret of 32/)
  expect(key({ key: `${SECRET}=` })).toMatch(/key is wrong/)
})

test('[G53] the id of a key occurs once in a hub', () => {
  const apps = [
    { id: 'a', keys: [HMAC] },
    { id: 'b', keys: [{ ...HMAC, key: ZERO }] },
  ]
  expect(messageOf(apps)).toMatch(/\[1\]\.keys\[0\]\.id is wrong: an id that nothing before it has/)
})

test('[G53] a public key must be one, of its algorithm', () => {
  const key = (given: AccessKey, changes: object): string =>
    messageOf([{ id: 'a', keys: [{ ...given, key: { ...(given.key as object), ...changes } }] }])
  expect(key(eddsa, {})).toBe('no fault')
  expect(key(eddsa, { d: ZERO })).toMatch(/it is a private key/)
  expect(key(ecdsa, { d: ZERO })).toMatch(/it is a private key/)
  expect(key(eddsa, { crv: 'X25519' })).toMatch(/"crv": "Ed25519"/)
  expect(key(ecdsa, { crv: 'P-384' })).toMatch(/"crv": "P-256"/)
  expect(key(eddsa, { x: 'AA' })).toMatch(/"x" of 32 bytes/)
  expect(key(ecdsa, { y: undefined })).toMatch(/"y" of 32 bytes/)
  expect(key(eddsa, { x: ZERO })).toMatch(/anybody could sign/)
  expect(messageOf([{ id: 'a', keys: [{ ...eddsa, key: SECRET }] }])).toMatch(/public key as a JWK/)
})

test('[G53] no message shows a secret', () => {
  for (const key of [`${SECRET}!`, { kty: 'oct', k: `${SECRET}AA` }, { kty: 'EC', d: SECRET }]) {
    const message = messageOf([{ id: 'a', keys: [{ ...HMAC, key }] }])
    expect(message).toMatch(/is wrong/)
    expect(message).not.toContain(SECRET)
  }
})

test('[G23] an app has limits that are whole numbers from 1', () => {
  const limits = { connections: 2000, channels: 1, publishesPerSecond: 200 }
  expect(readApps([{ id: 'shop', keys: [], limits }])).toMatchObject([{ limits }])
  const fault = (wrong: unknown): string => messageOf([{ id: 'shop', keys: [], limits: wrong }])
  expect(fault({})).toBe('no fault')
  expect(fault(7)).toMatch(/\[0\]\.limits is wrong: an object/)
  expect(fault({ rooms: 1 })).toMatch(/a member that is none of connections, channels/)
  for (const wrong of [0, -1, 1.5, '7', null, 2 ** 32])
    expect(fault({ channels: wrong })).toMatch(/\[0\]\.limits\.channels is wrong: a whole number/)
})
