import { expect, test } from 'vitest'
import { clientAddress } from '../../src/door/client-address.ts'

test('[H6] an address counts as the connection says, or as the trusted proxies say', () => {
  const direct = '192.0.2.1'
  const forwardedFor = '6.6.6.6, 192.0.2.7,192.0.2.8'
  expect(clientAddress({ direct, forwardedFor, trustedProxies: 0 })).toBe(direct)
  expect(clientAddress({ direct, forwardedFor, trustedProxies: 1 })).toBe('192.0.2.8')
  expect(clientAddress({ direct, forwardedFor, trustedProxies: 2 })).toBe('192.0.2.7')
  expect(clientAddress({ direct, forwardedFor, trustedProxies: 9 })).toBe(direct)
  expect(clientAddress({ direct, forwardedFor: undefined, trustedProxies: 1 })).toBe(direct)
  expect(clientAddress({ direct: undefined, forwardedFor, trustedProxies: 0 })).toBe('unknown')
})
