import { expect, test } from 'vitest'
import { ProxyChain } from '../../src/node/client-address.ts'

const CLIENT = '192.0.2.7'

test('[H49] without proxies the address of the connection counts', () => {
  const chain = new ProxyChain([])
  expect(chain.clientAddress('10.0.0.1', CLIENT)).toBe('10.0.0.1')
  expect(chain.clientAddress(undefined, CLIENT)).toBe('unknown')
})

test('[H49] the nearest address that is no proxy counts, and nothing before it is believed', () => {
  const chain = new ProxyChain(['10.0.0.0/8', '127.0.0.1', 'fd00::/8'])
  const from = (direct: string, forwardedFor?: string): string =>
    chain.clientAddress(direct, forwardedFor)
  expect(from('10.1.2.3', `6.6.6.6, ${CLIENT}`)).toBe(CLIENT)
  expect(from('10.1.2.3', `6.6.6.6,${CLIENT}, 10.9.9.9,fd12::1`)).toBe(CLIENT)
  expect(from('::ffff:127.0.0.1', CLIENT)).toBe(CLIENT)
  // Reached directly, by a client that writes the header itself.
  expect(from('192.0.2.99', CLIENT)).toBe('192.0.2.99')
  expect(from('10.1.2.3', '10.4.4.4, 10.5.5.5')).toBe('10.4.4.4')
  expect(from('10.1.2.3')).toBe('10.1.2.3')
})

test('[H49] a zone beside an address of IPv6 is left out', () => {
  const chain = new ProxyChain(['10.0.0.1', 'fe80::2'])
  expect(chain.clientAddress('10.0.0.1', `fe80::1%${'a'.repeat(9000)}`)).toBe('fe80::1')
  expect(chain.clientAddress('fe80::2%eth0', CLIENT)).toBe(CLIENT)
  expect(chain.clientAddress('10.0.0.1', `${CLIENT}%eth0`)).toBe('10.0.0.1')
})

test('[H49] a port beside an address is left out, and an entry that is no address is ignored', () => {
  const chain = new ProxyChain(['10.0.0.1', '10.0.0.2'])
  const from = (forwardedFor: string): string => chain.clientAddress('10.0.0.1', forwardedFor)
  expect(from(`${CLIENT}:50123`)).toBe(CLIENT)
  expect(from('[2001:db8::1]:443')).toBe('2001:db8::1')
  expect(from('[2001:db8::1]')).toBe('2001:db8::1')
  expect(from('2001:db8::1')).toBe('2001:db8::1')
  for (const junk of [
    'unknown',
    '',
    'a'.repeat(15_000),
    '_hidden',
    '1.2.3',
    '1.2.3.4.5',
    '<1.2.3.4>',
  ])
    expect(from(`${CLIENT}, ${junk}`)).toBe('10.0.0.1')
  expect(from(`${CLIENT}, junk, 10.0.0.2`)).toBe('10.0.0.2')
  expect(from(Array.from({ length: 5000 }, () => '10.0.0.2').join(','))).toBe('10.0.0.2')
})

test('[H49] a text that is no range is a TypeError', () => {
  for (const range of ['1', 'proxy', '10.0.0.0/33', '10.0.0.0/x', '::/129', ''])
    expect(() => new ProxyChain([range])).toThrow(TypeError)
})
