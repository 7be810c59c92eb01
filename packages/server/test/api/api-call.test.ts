import { textToBytes } from '@conclave/base'
import { expect, test } from 'vitest'
import { API_OPERATIONS, decodeApiBody } from '../../src/api/api-call.ts'
import type { ApiOperation } from '../../src/api/api-call.ts'

const id = 'AAECAwQFBgcICQoLDA0ODw'
const user = 'alice'
const name = 'presence-garden'

const VALID: Readonly<Record<string, readonly [ApiOperation, object]>> = {
  'a message': ['publish', { channel: name, id, payload: 'AAAA', type: 'message' }],
  'a signal': ['publish', { channel: 'private-a', id, payload: 'AA', type: 'signal' }],
  'a page': ['members', { channel: name, after: '', limit: 100 }],
  'a later page': ['members', { channel: name, after: id, limit: 1 }],
  'a ticket': [
    'ticket',
    { channel: name, rights: ['subscribe'], user, device: 'phone', expiresInMs: 86_400_000 },
  ],
  'a ticket of a room': [
    'ticket',
    { channel: id, rights: ['subscribe'], user, device: 'phone', expiresInMs: 1 },
  ],
  'a user': ['revoke', { user, channel: name }],
  'a token': ['revoke', { token: 'ticket-1', expiresInMs: 1 }],
  'a user everywhere': ['kick', { user, channel: '' }],
  'a user in a room': ['kick', { user, channel: id }],
  'a ban': ['ban', { user, channel: '', forMs: 315_360_000_000 }],
  'the end of a ban': ['unban', { user, channel: '' }],
}

const decode = (operation: ApiOperation, body: unknown): unknown =>
  decodeApiBody(operation, textToBytes(JSON.stringify(body)))

test.each(Object.entries(VALID))('[G74] %s has exactly its members', (_name, [operation, body]) => {
  expect(decode(operation, body)).toEqual(body)
  expect(decode(operation, { ...body, more: 1 })).toBeUndefined()
  for (const member of Object.keys(body)) {
    const { [member]: _, ...rest } = body as Record<string, unknown>
    expect(decode(operation, rest), member).toBeUndefined()
    for (const value of [null, {}, [], -1, 0.5, 'ü', 'A'.repeat(200_000)])
      expect(
        decode(operation, { ...body, [member]: value }),
        `${member} ${typeof value}`,
      ).toBeUndefined()
  }
})

test.each([
  [
    'the id of zeros',
    'publish',
    { channel: name, id: 'A'.repeat(22), payload: 'AA', type: 'signal' },
  ],
  ['an empty payload', 'publish', { channel: name, id, payload: '', type: 'signal' }],
  [
    'a payload that is too long',
    'publish',
    { channel: name, id, payload: 'A'.repeat(87_384), type: 'signal' },
  ],
  ['a room', 'publish', { channel: id, id, payload: 'AA', type: 'signal' }],
  ['all channels', 'members', { channel: '', after: '', limit: 1 }],
  ['a limit of zero', 'members', { channel: name, after: '', limit: 0 }],
  ['a limit beyond a page', 'members', { channel: name, after: '', limit: 101 }],
  ['a time of zero', 'ban', { user, channel: '', forMs: 0 }],
  ['a time beyond ten years', 'ban', { user, channel: '', forMs: 315_360_000_001 }],
  ['a time beyond a day', 'revoke', { token: 'a', expiresInMs: 86_400_001 }],
] as const)('[G74] %s is malformed', (_name, operation, body) => {
  expect(decode(operation, body)).toBeUndefined()
})

test('[G74] bytes that are no JSON of an object are malformed', () => {
  for (const bytes of ['', '[]', 'null', '1', '{', '{}x', '\u{feff}{}'].map(textToBytes))
    for (const operation of API_OPERATIONS) expect(decodeApiBody(operation, bytes)).toBeUndefined()
  expect(decodeApiBody('kick', new Uint8Array([0x7b, 0xff, 0x7d]))).toBeUndefined()
})
