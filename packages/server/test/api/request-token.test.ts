import { expect, test } from 'vitest'
import { readRequestClaims } from '../../src/api/request-token.ts'

const NOW_S = 1_700_000_000
const valid = {
  ...{ iss: 'team', aud: 'meet.example', iat: NOW_S, exp: NOW_S + 60 },
  ...{ jti: 'AAECAwQFBgcICQoL', htm: 'POST', htu: '/api/v1/kick', bsh: 'A'.repeat(43) },
}

const read = (change: object = {}, byS = 0): unknown =>
  readRequestClaims(
    { ...valid, ...change },
    {
      ...{ hosts: new Set(['meet.example', 'other.example:8443']), method: 'POST' },
      ...{ path: '/api/v1/kick', nowMs: (NOW_S + byS) * 1000 },
    },
  )

test('[G71] the claims of a token for this request are read', () => {
  const { iss: _, ...claims } = valid
  expect(read()).toEqual(claims)
  expect(read({ aud: 'other.example:8443' })).toBeDefined()
})

test.each([
  ['that is issued within the difference of clocks', -10, true],
  ['that is issued later', -10.001, false],
  ['that ended within the difference of clocks', 69.999, true],
  ['that ended', 70, false],
])('[G71] a token %s', (_name, byS, isAccepted) => {
  expect(read({}, byS) !== undefined).toBe(isAccepted)
})

test.each<[string, object]>([
  ['another hub', { aud: 'evil.example' }],
  ['several hubs', { aud: ['meet.example'] }],
  ['another method', { htm: 'GET' }],
  ['another path', { htu: '/api/v1/ban' }],
  ['a whole address as its path', { htu: 'https://meet.example/api/v1/kick' }],
  ['more than a minute', { exp: NOW_S + 61 }],
  ['no time', { exp: NOW_S }],
  ['a time that is text', { iat: String(NOW_S) }],
  ['a fraction of a second', { iat: NOW_S + 0.5 }],
  ['a time that is not finite', { iat: Number.NaN }],
  ['a short id', { jti: 'AAECAwQFBgcICQo' }],
  ['a long id', { jti: 'A'.repeat(65) }],
  ['no id', { jti: undefined }],
  ['no digest', { bsh: undefined }],
  ['half a digest', { bsh: 'A'.repeat(22) }],
])('[G71] a token for %s is refused', (_name, change) => {
  expect(read(change)).toBeUndefined()
})
