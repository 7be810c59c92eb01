import { expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { PeerExpiry } from '../../src/recovery/peer-expiry.ts'

const setUp = () => {
  const clock = new VirtualClock()
  const expired: string[] = []
  const expiry = new PeerExpiry(clock, (peer) => expired.push(peer))
  return { clock, expired, expiry }
}

test('[S37] a peer expires after 30 seconds, once', () => {
  const { clock, expired, expiry } = setUp()
  expiry.start('alice')
  clock.advance(29_999)
  expect(expired).toEqual([])
  clock.advance(1)
  expect(expired).toEqual(['alice'])
  clock.advance(60_000)
  expect(expired).toEqual(['alice'])
})

test('[S37] a running deadline is not put off, and a stopped one starts over', () => {
  const { clock, expired, expiry } = setUp()
  expiry.start('alice')
  expiry.start('bob')
  clock.advance(20_000)
  expiry.start('alice')
  expiry.stop('bob')
  expiry.start('bob')
  clock.advance(10_000)
  expect(expired).toEqual(['alice'])
  clock.advance(20_000)
  expect(expired).toEqual(['alice', 'bob'])
  expect(clock.pending).toBe(0)
})
