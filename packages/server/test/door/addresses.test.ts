import { DEFAULT_LIMITS } from '@conclave/server'
import { MemoryClient } from '@conclave/server/testing'
import { expect, test } from 'vitest'
import { AddressTable, toAddressKey } from '../../src/door/addresses.ts'
import { createTestHub, ORIGIN } from '../support.ts'

test('[H6] an IPv6 address counts with its /64', () => {
  expect(toAddressKey('192.0.2.7')).toBe('192.0.2.7')
  expect(toAddressKey('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(toAddressKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
  expect(toAddressKey('2001:0DB8:1:2::9')).toBe('2001:db8:1:2::/64')
  expect(toAddressKey('2001:db8::9')).toBe('2001:db8:0:0::/64')
  expect(toAddressKey('::1')).toBe('0:0:0:0::/64')
  expect(toAddressKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
})

test('[H6] the table of addresses is bounded, and idle addresses are removed', () => {
  const table = new AddressTable({
    ...DEFAULT_LIMITS,
    addresses: 3,
    attemptBurst: 1,
    attemptsPerSecond: 1,
  })
  expect(['a', 'b', 'c', 'd'].map((address) => table.countAttempt(address, 0))).toEqual([
    'ok',
    'ok',
    'ok',
    'too-many-addresses',
  ])
  const release = table.countConnection('a')
  expect(table.countAttempt('d', 5000)).toBe('ok')
  expect(table.size).toBe(2)
  expect(table.mayConnect('a')).toBe(true)
  release()
  expect(table.countAttempt('e', 5000)).toBe('ok')
  expect(table.countAttempt('f', 5500)).toBe('too-many-addresses')
})

test('[H6] connections of an address and of the hub are bounded', () => {
  const { hub, clock } = createTestHub({
    limits: { connectionsPerAddress: 2, connections: 3, attemptBurst: 100 },
  })
  const admit = (address: string): number => {
    const admission = hub.admit({
      target: '/hub',
      host: 'meet.example',
      origin: ORIGIN,
      protocols: 'conclave.v1',
      address,
    })
    return admission.type === 'refused' ? admission.status : 101
  }
  expect(admit('a')).toBe(101)
  const first = new MemoryClient(hub, { address: 'a' })
  const second = new MemoryClient(hub, { address: 'a' })
  expect(admit('a')).toBe(429)
  expect(admit('b')).toBe(101)
  const third = new MemoryClient(hub, { address: 'b' })
  expect(admit('b')).toBe(503)
  first.close()
  expect(admit('b')).toBe(101)
  expect(admit('a')).toBe(101)
  clock.advance(1)
  second.close()
  third.close()
  expect(hub.stats().connections).toBe(0)
})
