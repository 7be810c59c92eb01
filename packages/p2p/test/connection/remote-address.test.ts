import { describe, expect, test } from 'vitest'
import { AddressBudget, endpointOf } from '../../src/connection/remote-address.ts'

const candidate = (address: string, port: number | string = 50_000, transport = 'udp'): string =>
  `candidate:1 1 ${transport} 2122260223 ${address} ${port} typ host generation 0`

describe('[S116] a candidate', () => {
  test.each([
    ['192.168.1.5', '192.168.1.5'],
    ['127.0.0.1', '127.0.0.1'],
    ['2001:DB8::17', '2001:db8::17'],
    ['::1', '::1'],
    ['fe80::1', 'fe80::1'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['0d3b9a4e-1c2f-4a55-9f7e-6f2f8a3c1d2b.local', '0d3b9a4e-1c2f-4a55-9f7e-6f2f8a3c1d2b.local'],
  ])('names the place %s', (text, address) => {
    expect(endpointOf(candidate(text))).toEqual([address, '50000'])
    expect(endpointOf(candidate(text, 1024, 'UDP'))).toEqual([address, '1024'])
  })

  test('of Firefox, and of a relay, names its place', () => {
    const relayed =
      'candidate:3 1 UDP 92216831 203.0.113.7 60005 typ relay raddr 198.51.100.1 rport 9'
    expect(endpointOf(relayed)).toEqual(['203.0.113.7', '60005'])
  })

  test.each([
    ...[
      'router.home',
      'localhost',
      'evil.example',
      'x.local',
      '0d3b9a4e.local',
      '',
      '1.2.3',
      'g::1',
    ],
    ...['0.0.0.0', '255.255.255.255', '224.0.0.251', '239.255.255.250', 'ff02::fb', '::'],
  ])('to "%s" is refused', (address) => {
    expect(endpointOf(candidate(address))).toBeUndefined()
  })

  test.each([22, 53, 80, 443, 631, 1023, 0, 65_536, '', '-1', '1e4', '080', 'x'])(
    'to the port %s is refused',
    (port) => expect(endpointOf(candidate('192.168.1.1', port))).toBeUndefined(),
  )

  test.each([
    candidate('192.168.1.1', 8080, 'tcp'),
    'candidate:1 1 tcp 1518280447 192.168.1.1 8080 typ host tcptype passive',
    'candidate:1 1 ssltcp 1 192.168.1.1 8443 typ host',
    ...['candidate:', 'nonsense'],
    `x ${candidate('10.0.0.1')}`,
  ])('%s is refused', (text) => expect(endpointOf(text)).toBeUndefined())
})

describe('[S116] the places that a peer may name', () => {
  const at = (number: number, port = 5000) =>
    [`10.0.${number >> 8}.${number & 255}`, String(port)] as const

  test('are few addresses: a network of 254 takes it most of an hour', () => {
    const budget = new AddressBudget()
    const named = (nowMs: number): number =>
      Array.from({ length: 254 }, (_, n) => budget.take(at(n), nowMs)).filter(Boolean).length
    expect(named(0)).toBe(30)
    expect(named(60_000)).toBe(37)
    // Those that it named before are free.
    expect(named(60_000)).toBe(37)
  })

  test('are few ports of one address', () => {
    const budget = new AddressBudget()
    const named = (nowMs: number): number =>
      Array.from({ length: 60_000 }, (_, n) => budget.take(at(1, 1024 + n), nowMs)).filter(Boolean)
        .length
    expect(named(0)).toBe(581)
    expect(named(10_000)).toBe(581 + 25)
  })

  test('are enough for a peer that changes its network every ten seconds, for an hour', () => {
    const budget = new AddressBudget()
    for (let change = 0; change < 360; change += 1) {
      // One new address each time, beside three that stay, each with a new port.
      for (const number of [1, 2, 3, 100 + change]) {
        expect(budget.take(at(number, 1024 + change), 10_000 * change)).toBe(true)
      }
    }
  })
})
