import {
  decodeClientMessage,
  decodeServerMessage,
  encodeMessage,
  MAX_CONTROL_BYTES,
} from '@conclave/wire'
import { expect, test } from 'vitest'

const ping = '{"type":"ping","id":1}'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('[W4] a message may fill 32 KiB and not one byte more', () => {
  const full = ping.padEnd(MAX_CONTROL_BYTES)
  for (const text of [full, bytes(full)])
    expect(decodeClientMessage(text)).toEqual({ type: 'ping', id: 1 })
  for (const text of [`${full} `, bytes(`${full} `)])
    expect(decodeClientMessage(text)).toBeUndefined()
})

test('[W4] the size counts bytes of UTF-8, not characters', () => {
  const text = `{"type":"ping","id":1,"é":"${'é'.repeat(MAX_CONTROL_BYTES / 2)}"}`
  expect(text.length).toBeLessThan(MAX_CONTROL_BYTES)
  expect(decodeClientMessage(text)).toBeUndefined()
})

test('[W4] bytes that are not UTF-8, and a byte order mark, are malformed', () => {
  expect(decodeClientMessage(new Uint8Array([...bytes(ping), 0xff]))).toBeUndefined()
  expect(decodeClientMessage(new Uint8Array([0xef, 0xbb, 0xbf, ...bytes(ping)]))).toBeUndefined()
  expect(decodeClientMessage(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]))).toBeUndefined()
})

test('[W4] JSON nested too deep is malformed', () => {
  for (const text of [
    '['.repeat(MAX_CONTROL_BYTES),
    '{"a":'.repeat(3000),
    `${'['.repeat(8000)}${']'.repeat(8000)}`,
    `{"type":"ping","id":${'['.repeat(8000)}${']'.repeat(8000)}}`,
    `{"type":"pong","id":${'['.repeat(8000)}${']'.repeat(8000)}}`,
  ]) {
    expect(decodeClientMessage(text)).toBeUndefined()
    expect(decodeServerMessage(text) ?? { type: 'unknown' }).toEqual({ type: 'unknown' })
  }
})

test('[W5] members named like those of Object.prototype are ignored', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    expect(decodeClientMessage(`{"type":"ping","id":1,"${name}":{"polluted":1}}`)).toBeUndefined()
    expect(decodeClientMessage(`{"type":"${name}"}`)).toBeUndefined()
  }
  expect('polluted' in {}).toBe(false)
})

test('[W5] numbers that JSON can say and a u32 cannot are malformed, also below zero', () => {
  for (const id of ['-0', '-0.0', '0.5', '1e-7', '4294967296', '1e999', '-1']) {
    expect(decodeClientMessage(`{"type":"ping","id":${id}}`)).toBeUndefined()
    expect(decodeServerMessage(`{"type":"pong","id":${id}}`)).toBeUndefined()
  }
  expect(decodeClientMessage('{"type":"ping","id":0}')).toEqual({ type: 'ping', id: 0 })
})

test('[W6] the host has the shape of URL.host', () => {
  const host = (text: string): unknown =>
    decodeClientMessage(
      JSON.stringify({
        type: 'join',
        version: 1,
        room: 'AQIDBAUGBwgJCgsMDQ4PEA',
        participant: 'AQIDBAUGBwgJCgsMDQ4PEA',
        key: 'A'.repeat(43),
        owner: 'A'.repeat(22),
        proof: `${'A'.repeat(85)}A`,
        host: text,
        session: 'A'.repeat(43),
        sessionProof: 'A'.repeat(86),
      }),
    )
  for (const url of [
    'http://localhost:8080',
    'https://Meet.Example',
    'https://münchen.example',
    'http://[::1]:1',
  ]) {
    expect(host(new URL(url).host)).toBeDefined()
  }
  for (const text of ['', 'a b', 'a\n', 'A', 'user@host', 'a/b', 'münchen.example']) {
    expect(host(text)).toBeUndefined()
  }
})

test('[W16, W17, W25] a client ignores what a later hub adds, and a hub nothing of a client', () => {
  const limits = {
    ...{ maxPayloadBytes: 1, publishPerSecond: 1, publishBurst: 1, bytesPerSecond: 1 },
    ...{ bytesBurst: 1, maxParticipants: 2, pingIntervalMs: 1, publishesInFlight: 3 },
    ...{ subscriptionsPerConnection: 4, publishesPerUser: 5, publishBurstPerUser: 6 },
    ...{ signalPerSecond: 7, signalBurst: 8 },
  }
  const joined = { type: 'joined', room: 'AQIDBAUGBwgJCgsMDQ4PEA', channel: 1, participants: [] }
  const text = JSON.stringify({ ...joined, epoch: 7, limits: { ...limits, __proto: 1, later: {} } })
  expect(decodeServerMessage(text)).toEqual({ ...joined, limits })
  const own = text.replace('"later"', '"__proto__"')
  expect(Object.getPrototypeOf(decodeServerMessage(own))).toBe(Object.prototype)
  expect(decodeServerMessage(text.replace('"publishesInFlight":3', '"dropBurst":-1'))).toBe(
    undefined,
  )
  expect(decodeServerMessage('{"type":"pong","id":1,"later":true}')).toEqual({
    type: 'pong',
    id: 1,
  })
  expect(decodeClientMessage('{"type":"ping","id":1,"later":true}')).toBeUndefined()
})

test('[W7] neither side accepts its own messages', () => {
  const pong = encodeMessage({ type: 'pong', id: 1 })
  expect(decodeServerMessage(pong)).toEqual({ type: 'pong', id: 1 })
  expect(decodeClientMessage(pong)).toBeUndefined()
  expect(decodeServerMessage(ping)).toEqual({ type: 'unknown' })
})

test('[W15] servers for calls: credentials come together, and those of TURN have them', () => {
  const decoded = (server: object): boolean =>
    decodeServerMessage(JSON.stringify({ type: 'iceServers', channel: 1, servers: [server] })) !==
    undefined
  const credentials = { username: 'alice', credential: 'secret' }
  for (const url of [
    'stun:a',
    'stuns:[::1]:1',
    'turn:a:1?transport=udp',
    'turns:a?transport=tcp',
  ]) {
    const isTurn = url.startsWith('turn')
    expect(decoded({ urls: [url], ...credentials })).toBe(true)
    expect(decoded({ urls: [url] })).toBe(!isTurn)
    for (const member of ['username', 'credential']) {
      expect(decoded({ urls: [url], ...credentials, [member]: undefined })).toBe(false)
      expect(decoded({ urls: [url], ...credentials, [member]: 'a'.repeat(513) })).toBe(false)
    }
  }
  for (const url of [
    'stun:',
    'turn:a?transport=sctp',
    'turn:a/b',
    'turn:a b',
    'http:a',
    'STUN:a',
    7,
  ]) {
    expect(decoded({ urls: [url], ...credentials })).toBe(false)
  }
})
