import {
  channelKind,
  decodeClientMessage,
  decodeDataFrame,
  decodeServerMessage,
  encodeDataFrame,
  idToBytes,
  isDeviceName,
  isRightList,
  isSignalFrame,
  isToken,
  isUserName,
  parseChannelName,
  parseMessageId,
  RIGHTS,
  SERVER_SENDER,
} from '@conclave/wire'
import type { MessageId } from '@conclave/wire'
import { expect, test } from 'vitest'

const MEMBER = 'EBESExQVFhcYGRobHB0eHw'
const server = (message: object) => decodeServerMessage(JSON.stringify(message))
const client = (message: object) => decodeClientMessage(JSON.stringify(message))

test('[W19] a client passes over messages of types that it does not know', () => {
  expect(server({ type: 'later', id: 1, more: { deep: true } })).toEqual({ type: 'unknown' })
  for (const type of ['', 'a b', 'a'.repeat(65), 1, null]) expect(server({ type })).toBeUndefined()
})

test('[W19] unknown reasons and rights of a later hub are read as those that they are nearest to', () => {
  const refused = { type: 'refused', id: MEMBER, reason: 'later' }
  expect(server(refused)).toEqual({ ...refused, reason: 'denied' })
  const ended = { type: 'unsubscribed', channel: 1, reason: 'later' }
  expect(server(ended)).toEqual({ ...ended, reason: 'revoked' })
  const refreshed = { type: 'refreshed', id: 1, rights: ['publish', 'later'], expiresInMs: 1 }
  expect(server(refreshed)).toEqual({ ...refreshed, rights: ['publish'] })
})

test('[W19] a hub stays strict: it knows no types, members or rights but those of the chapter', () => {
  expect(client({ type: 'later' })).toBeUndefined()
  const wants = ['later']
  const subscribe = { type: 'subscribe', id: 1, channel: 'private-a', wants, token: '', info: '' }
  expect(client(subscribe)).toBeUndefined()
  expect(client({ ...subscribe, wants: ['publish'] })).toEqual({ ...subscribe, wants: ['publish'] })
  expect(client({ ...subscribe, wants: ['publish'], more: 1 })).toBeUndefined()
})

test('[W20] the name of a guarded channel begins with its kind', () => {
  const names = ['private-a', 'presence-a', 'private-orders_1=2@b,c.d;e-f']
  const parsed = names.map((name) => parseChannelName(name))
  expect(parsed).toEqual(names)
  expect(parsed.map((name) => name && channelKind(name))).toEqual([
    ...['private', 'presence', 'private'],
  ])
})

test('[W20] texts that are nearly names, and values that are no texts, are none', () => {
  const wrong = ['private-', 'presence', 'Private-a', ' private-a', 'private-a\n', 'private-é']
  const more = ['public-a', `private-${'a'.repeat(157)}`, 'private-a/b', 'private-a#b', '']
  for (const value of [...wrong, ...more, 1, null, undefined, ['private-a'], {}])
    expect(parseChannelName(value)).toBeUndefined()
})

test('[W21] the sender of messages of a server is 16 bytes of 255', () => {
  expect(idToBytes(SERVER_SENDER)).toEqual(new Uint8Array(16).fill(255))
})

test('[W22] rights are distinct and known', () => {
  expect(isRightList(1, RIGHTS)).toBe(true)
  expect(isRightList(0, [])).toBe(true)
  for (const value of [[], ['publish', 'publish'], ['admin'], 'publish', { length: 1 }, [[]]])
    expect(isRightList(1, value)).toBe(false)
})

test('[W23] users, devices and tokens are short texts of plain characters', () => {
  expect(isUserName('alice@shop.example')).toBe(true)
  expect(isUserName('a'.repeat(128))).toBe(true)
  expect(isDeviceName('a'.repeat(64))).toBe(true)
  for (const value of ['', 'a b', 'a\n', 'é', 'a'.repeat(129), 1, null])
    expect(isUserName(value)).toBe(false)
  expect(isDeviceName('a'.repeat(65))).toBe(false)
  for (const value of ['', 'a.b-c_d', 'a'.repeat(8192)]) expect(isToken(value)).toBe(true)
  for (const value of ['a b', 'a\n', 'a'.repeat(8193), 1]) expect(isToken(value)).toBe(false)
})

test('[W23] only a join may have a token beside its members, and an empty one is none', () => {
  const leave = { type: 'leave', room: MEMBER }
  expect(client(leave)).toEqual(leave)
  expect(client({ ...leave, token: 'a' })).toBeUndefined()
})

test('[W24] a page has at most a hundred members', () => {
  const member = { id: MEMBER, user: 'alice', device: 'phone', info: '' }
  const page = { type: 'memberPage', id: 1, members: [member], total: 1, next: MEMBER }
  expect(server(page)).toEqual(page)
  const members = (count: number) => Array.from({ length: count }, () => member)
  expect(server({ ...page, members: members(100) })).toBeDefined()
  expect(server({ ...page, members: members(101) })).toBeUndefined()
  expect(server({ ...page, members: [{ ...member, info: 'a' }] })).toBeUndefined()
})

test('[W29] a signal has neither position nor acknowledgement', () => {
  const id = parseMessageId(MEMBER) as MessageId
  const payload = new Uint8Array([1])
  const signal = { type: 'signal', channel: 1, id, to: undefined, payload } as const
  const signalled = { type: 'signalled', channel: 1, id, from: SERVER_SENDER, payload } as const
  for (const frame of [signal, signalled]) {
    const bytes = encodeDataFrame(frame)
    expect(decodeDataFrame(bytes)).toEqual(frame)
    bytes[15] = 1
    expect(decodeDataFrame(bytes)).toBeUndefined()
  }
})

test('[W29] a frame is known as a signal by its first byte, whole or not', () => {
  expect(isSignalFrame(new Uint8Array([4]))).toBe(true)
  for (const bytes of [new Uint8Array(), new Uint8Array([1, 4]), new Uint8Array([5])])
    expect(isSignalFrame(bytes)).toBe(false)
})
