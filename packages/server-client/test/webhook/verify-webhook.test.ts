import { textToBytes } from '@conclave/base'
import { hmacBytes } from '@conclave/crypto/verify'
import { verifyWebhook } from '@conclave/server-client'
import { expect, test } from 'vitest'

const NOW_S = 1_700_000_000
const secret = secretOf(7)
const member = { id: 'AAECAwQFBgcICQoLDA0ODw', user: 'alice', device: 'phone' }
const text = JSON.stringify({
  ...{ version: 1, app: 'team', hub: 'a', dropped: 3, later: true },
  events: [
    { id: 'a.1', type: 'channelOccupied', channel: 'private-a', atMs: 5 },
    { id: 'a.2', type: 'memberAdded', channel: 'presence-b', atMs: 6, member },
    { id: 'a.3', type: 'somethingLater', channel: 'presence-b', atMs: 7, what: [] },
    {
      id: 'a.4',
      type: 'memberRemoved',
      channel: 'presence-b',
      atMs: 8,
      member: { ...member, later: 1 },
    },
    { id: 'a.5', type: 'channelVacated', channel: 'private-a', atMs: 9 },
  ],
})

test('[G86] a delivery is accepted and read, with what a later hub adds left out', async () => {
  const headers = await sign(text)
  expect(await verify({ headers })).toEqual({
    ...{ id: 'a.1', app: 'team', hub: 'a', dropped: 3 },
    events: [
      { id: 'a.1', type: 'channelOccupied', channel: 'private-a', atMs: 5 },
      { id: 'a.2', type: 'memberAdded', channel: 'presence-b', atMs: 6, member },
      { id: 'a.4', type: 'memberRemoved', channel: 'presence-b', atMs: 8, member },
      { id: 'a.5', type: 'channelVacated', channel: 'private-a', atMs: 9 },
    ],
  })
})

test('[G86] headers come as Node has them or as fetch has them, and the body as text or as bytes', async () => {
  const headers = await sign(text)
  expect(await verify({ headers: new Headers(headers) })).toBeDefined()
  expect(await verify({ headers, body: textToBytes(text) })).toBeDefined()
})

test('[G86] while the secret is exchanged both are accepted, in the header and by the receiver', async () => {
  const headers = await sign(text)
  const other = (await sign(text, { key: 8 }))['webhook-signature']
  expect(await verify({ headers, secret: [secretOf(8), secret] })).toBeDefined()
  const both = {
    ...headers,
    'webhook-signature': `v1a,AAAA ${other} ${headers['webhook-signature']}`,
  }
  expect(await verify({ headers: both })).toBeDefined()
  expect(await verify({ headers: { ...headers, 'webhook-signature': other } })).toBeUndefined()
})

test.each([
  ['five minutes before', -300, true],
  ['five minutes after', 300, true],
  ['longer ago', -301, false],
  ['in the future', 301, false],
])('[G86] a timestamp from %s', async (_name, byS, isAccepted) => {
  const headers = await sign(text, { timestampS: NOW_S + byS })
  expect((await verify({ headers })) !== undefined).toBe(isAccepted)
})

test('[G86] nothing that was changed is accepted', async () => {
  const headers = await sign(text)
  const signature = headers['webhook-signature'].slice(3)
  const changes: Readonly<Record<string, string | undefined>>[] = [
    { 'webhook-id': 'a.2' },
    { 'webhook-id': undefined },
    { 'webhook-timestamp': String(NOW_S + 1) },
    { 'webhook-timestamp': `${NOW_S}.0` },
    { 'webhook-timestamp': undefined },
    { 'webhook-signature': undefined },
    { 'webhook-signature': '' },
    { 'webhook-signature': signature },
    { 'webhook-signature': `v2,${signature}` },
    { 'webhook-signature': `v1,${signature.slice(0, 40)}` },
    { 'webhook-signature': `v1,${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` },
  ]
  for (const change of changes)
    expect(await verify({ headers: { ...headers, ...change } })).toBeUndefined()
  expect(await verify({ headers, body: `${text} ` })).toBeUndefined()
  expect(await verify({ headers, secret: secretOf(9) })).toBeUndefined()
})

test.each([
  ['no JSON', '{'],
  ['another version', { version: 2 }],
  ['too many events', { events: Array.from({ length: 101 }, () => ({ type: 'later' })) }],
  ['an event that is none', { events: [null] }],
  [
    'an event without a member',
    { events: [{ id: 'a', type: 'memberAdded', channel: 'presence-b', atMs: 1 }] },
  ],
  [
    'an event of a room',
    { events: [{ id: 'a', type: 'channelVacated', channel: member.id, atMs: 1 }] },
  ],
  [
    'a member without an id',
    {
      events: [
        {
          id: 'a',
          type: 'memberAdded',
          channel: 'presence-b',
          atMs: 1,
          member: { ...member, id: '' },
        },
      ],
    },
  ],
])('[G86] a signed body with %s is malformed', async (_name, change) => {
  const body =
    typeof change === 'string' ? change : JSON.stringify({ ...JSON.parse(text), ...change })
  expect(await verify({ headers: await sign(body), body })).toBeUndefined()
})

test('[G86] more than a hub sends is not even hashed', async () => {
  const body = `${text}${' '.repeat(262_144)}`
  expect(await verify({ headers: await sign(body), body })).toBeUndefined()
})

test.each([
  ['secret', { secret: 'whsec_AAAA' }],
  ['secret', { secret: [] }],
  ['secret', { secret: 7 }],
  ['body', { body: JSON.parse(text) }],
  ['headers', { headers: undefined }],
  ['nowMs', { nowMs: -1 }],
])('a wrong "%s" is a mistake of the caller', async (name, change) => {
  const headers = await sign(text)
  await expect(verify({ headers, ...(change as object) })).rejects.toThrow(`"${name}" expected`)
})

type Given = Partial<Parameters<typeof verifyWebhook>[0]>

const verify = (given: Given): ReturnType<typeof verifyWebhook> =>
  verifyWebhook({ headers: {}, body: text, secret, nowMs: NOW_S * 1000 + 999, ...given })

function secretOf(byte: number): string {
  return `whsec_${btoa(String.fromCodePoint(byte).repeat(32))}`
}

async function sign(
  body: string,
  { timestampS = NOW_S, key = 7 }: { readonly timestampS?: number; readonly key?: number } = {},
): Promise<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const signed = textToBytes(`a.1.${timestampS}.${body}`)
  const mac = await hmacBytes(new Uint8Array(32).fill(key), signed)
  return {
    'webhook-id': 'a.1',
    'webhook-timestamp': String(timestampS),
    'webhook-signature': `v1,${btoa(String.fromCodePoint(...mac))}`,
  }
}
