/**
 * Bytes of strangers before they are WebSockets: anything, requests, and upgrades that are nearly right.
 *
 * @module
 */
import { mutateBytes, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'

/** An upgrade and whether the hub may take it; `undefined` when that is not known. */
export interface UpgradeInput {
  readonly head: Buffer
  readonly mayEnter: boolean | undefined
}

/** The upgrade that the hub takes. */
export function validUpgrade(port: number): readonly string[] {
  return [
    'GET /hub HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Origin: http://127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: conclave.v1',
  ]
}

/** Lines as the head of a request. */
export const headOf = (lines: readonly string[]): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')

/** An upgrade with one thing changed. */
export function upgradeInput(random: Random, port: number): UpgradeInput {
  const lines = [...validUpgrade(port)]
  const origin = `http://127.0.0.1:${port}`
  const replace = (start: string, line: string): UpgradeInput => ({
    head: headOf(lines.map((old) => (old.startsWith(start) ? line : old))),
    mayEnter: false,
  })
  const add = (line: string, mayEnter: boolean): UpgradeInput => ({
    head: headOf(random.oneIn(2) ? [...lines, line] : [lines[0] ?? '', line, ...lines.slice(1)]),
    mayEnter,
  })
  switch (random.below(11)) {
    case 0:
      return add(`Host: ${random.pick([`127.0.0.1:${port}`, 'meet.example', ''])}`, false)
    case 1:
      return replace('Host', `Host: ${random.pick(NEAR)(`127.0.0.1:${port}`)}`)
    case 2:
      return replace('Origin', `Origin: ${random.pick(NEAR)(origin)}`)
    case 3:
      return replace(
        'Origin',
        random.pick(['X-Nothing: 1', 'Origin: null', `Origin: ${origin}, ${origin}`]),
      )
    case 4:
      return replace(
        'Upgrade',
        `Upgrade: ${random.pick(['h2c', 'websocket, h2c', 'websockets', ''])}`,
      )
    case 5:
      return replace(
        'Sec-WebSocket-Protocol',
        `Sec-WebSocket-Protocol: ${random.pick(['conclave.v2', 'CONCLAVE.V1', 'x,', ''])}`,
      )
    case 6:
      return add(`X-Forwarded-For: ${random.pick(FORWARDED)}`, true)
    case 7:
      return replace('GET', `${random.pick(METHODS)} ${random.pick(TARGETS)} HTTP/1.1`)
    case 8:
      return replace('Sec-WebSocket-Key', random.pick(['Sec-WebSocket-Key: AAAA', 'X-Nothing: 1']))
    case 9:
      return random.oneIn(2)
        ? add(`Cookie: ${'a'.repeat(random.pick([1, 1000]))}`, true)
        : add(`Cookie: ${'a'.repeat(20_000)}`, false)
    default:
      return { head: Buffer.from(mutateBytes(random, [headOf(lines)])), mayEnter: undefined }
  }
}

/** A request for a file and the like, right or not. */
export function requestInput(random: Random, port: number): Buffer {
  const line = `${random.pick(METHODS)} ${random.pick(TARGETS)} HTTP/1.${random.pick([0, 1, 1, 1, 2])}`
  const headers = Array.from({ length: random.below(6) }, () => random.pick(HEADERS))
  const lines = [line, `Host: 127.0.0.1:${port}`, ...headers]
  if (random.oneIn(3)) return headOf(lines)
  if (random.oneIn(2))
    return headOf(lines.map((old) => (random.oneIn(3) ? mutateText(random, [old]) : old)))
  return Buffer.from(mutateBytes(random, [headOf(lines)]))
}

/** Bytes that a port scanner or another protocol says. */
export function rawInput(random: Random, port: number): Buffer {
  const valid = [...RAW.map((text) => Buffer.from(text, 'latin1')), headOf(validUpgrade(port))]
  return Buffer.from(mutateBytes(random, valid, 4096))
}

/** Names that are nearly the right one. */
const NEAR: readonly ((name: string) => string)[] = [
  (name) => `${name}0`,
  (name) => `${name}.`,
  (name) => `${name}/`,
  (name) => name.replace('127.0.0.1', '127.0.0.1.example'),
  (name) => name.replace('127.0.0.1', 'localhost.example'),
  (name) => name.replace('127.0.0.1', '127.0.0.2'),
  (name) => name.replace('http:', 'https:').replace('127.', '0127.'),
  (name) => name.replace(/:\d+$/, ''),
  (name) => `user@${name}`,
  (name) => `${name} ${name}`,
]
const METHODS = ['GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'PRI', 'M-SEARCH', 'get', '']
const TARGETS = [
  ...['/', '/healthz', '/readyz', '/hub?x=1', '/hub/', '//hub', '/HUB', '/hub%20', '*', '/r/abc'],
  ...[
    'http://127.0.0.1/hub',
    '/..%2f',
    '/%',
    '/%00',
    '/a/b/c/d/e/f/g/h/i/j',
    `/${'a'.repeat(9000)}`,
    '',
  ],
]
const FORWARDED = [
  '127.0.0.1',
  '::1',
  '10.0.0.1, 10.0.0.2',
  'unknown',
  ',,,,',
  '1.2.3.4:80',
  'a'.repeat(3000),
]
const HEADERS = [
  ...[
    'Content-Length: 5',
    'Content-Length: 99999999999',
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
  ],
  ...[
    'Connection: close',
    'Accept: text/html',
    'Accept-Encoding: br;q=x',
    'If-None-Match: *',
    'Upgrade: h2c',
  ],
  ...[
    'Host: a',
    'Expect: x',
    'Range: bytes=0-',
    'X-Forwarded-For: 1.2.3.4',
    'Transfer-Encoding: x, chunked',
  ],
]
const RAW = [
  ...[
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
  ],
  ...[
    'SSH-2.0-x\r\n',
    'EHLO a\r\n',
    '\r\n\r\n\r\n',
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n`,
  ],
]
