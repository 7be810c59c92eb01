import { Keyring } from '@conclave/e2ee'
import { MAX_KEPT_BYTES } from '@conclave/adapters'
import type { MissingKey } from '@conclave/adapters'
import { expect, test } from 'vitest'
import { Carrier, joinSealed, KEY_ID, ringOf, settled } from '../fixtures.ts'

const key = (epoch: number | bigint) => ({
  keyId: KEY_ID,
  epoch,
  key: new Uint8Array(32).fill(7),
})

test('[T10] a missing key is reported once, and the events that wait for it open in order when it is added', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const keys = new Keyring()
  const bob = joinSealed(carrier, { sender: 'bob', keys, keepUnknown: 8 })
  const missing: MissingKey[] = []
  bob.channel.on('unknownKey', (named) => missing.push(named))
  for (const value of [1, 2, 3]) await alice.channel.send('message', value)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(missing).toEqual([{ keyId: KEY_ID, epoch: 1n, kept: true }])
  expect(bob.channel.kept).toBe(3)
  expect(bob.drops).toEqual([])

  // Without the key they go on waiting, and nobody is told again.
  bob.channel.retryKept()
  await settled(carrier, bob)
  expect(bob.channel.kept).toBe(3)
  expect(missing).toHaveLength(1)

  keys.add(key(1))
  await alice.channel.send('message', 4)
  bob.channel.retryKept()
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([1, 2, 3, 4])
  expect(bob.channel.kept).toBe(0)
  expect(bob.drops).toEqual([])
})

test('[T10] an event without a key is dropped, counted, and its key reported unless the caller lets events wait', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', keys: new Keyring() })
  const missing: MissingKey[] = []
  bob.channel.on('unknownKey', (named) => missing.push(named))
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(missing).toEqual([{ keyId: KEY_ID, epoch: 1n, kept: false }])
  expect(bob.drops).toEqual([
    { reason: 'unknown-key', eventName: 'message', keyId: KEY_ID, epoch: 1n },
  ])
  bob.channel.retryKept()
  expect(bob.channel.kept).toBe(0)
})

test('[T10] the newest event is dropped when as many wait as the caller allows', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const keys = new Keyring()
  const bob = joinSealed(carrier, { sender: 'bob', keys, keepUnknown: 2 })
  for (const value of [1, 2, 3]) await alice.channel.send('message', value)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.drops).toMatchObject([{ reason: 'unknown-key' }])
  keys.add(key(1))
  bob.channel.retryKept()
  await settled(carrier, bob)
  expect(bob.values).toEqual([1, 2])
})

test.each(['json', 'binary'] as const)('[T10] no more than 4 MiB of %s wait', async (encoding) => {
  const carrier = new Carrier(encoding)
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', keys: new Keyring(), keepUnknown: 512 })
  for (let count = 0; count < 6; count += 1) {
    await alice.channel.send('message', 'x'.repeat(MAX_KEPT_BYTES / 6))
  }
  const messages = carrier.messages.splice(0)
  carrier.deliver(...messages)
  await settled(carrier, alice, bob)
  const { kept } = bob.channel
  expect(kept).toBeLessThan(6)
  expect(kept).toBeGreaterThan(2)
  // What went makes room.
  bob.channel.discardKept()
  carrier.deliver(...messages)
  await settled(carrier, alice, bob)
  expect(bob.channel.kept).toBe(kept)
})

test('[T10] events that wait can be discarded, and are forgotten when the channel closes', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob', keys: new Keyring(), keepUnknown: 8 })
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob)
  bob.channel.discardKept()
  expect(bob.channel.kept).toBe(0)
  expect(bob.drops).toMatchObject([{ reason: 'unknown-key', keyId: KEY_ID }])
  await alice.channel.send('message', 2)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.channel.kept).toBe(1)
  await bob.channel.close()
  expect(bob.channel.kept).toBe(0)
})

test('[T10] waiting for a key does not bypass the replay guard', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const keys = new Keyring()
  const bob = joinSealed(carrier, { sender: 'bob', keys, keepUnknown: 8 })
  await alice.channel.send('message', 1)
  const [message] = carrier.messages.splice(0)
  if (message !== undefined) carrier.deliver(message, message)
  await settled(carrier, alice, bob)
  keys.add(key(1))
  bob.channel.retryKept()
  await settled(carrier, bob)
  expect(bob.values).toEqual([1])
  expect(bob.drops).toMatchObject([{ reason: 'replay' }])
})

test('[T10] no event is lost when keys change while events are under way', async () => {
  const carrier = new Carrier()
  const [aliceKeys, bobKeys] = [ringOf(), ringOf()]
  const alice = joinSealed(carrier, { sender: 'alice', keys: aliceKeys })
  const bob = joinSealed(carrier, { sender: 'bob', keys: bobKeys, keepUnknown: 8 })
  await alice.channel.send('message', 'old')
  aliceKeys.rotate(key(2))
  await alice.channel.send('message', 'new')
  bob.channel.on('unknownKey', ({ epoch }) => {
    bobKeys.add(key(epoch))
    bob.channel.retryKept()
  })
  carrier.flush()
  await expect.poll(() => bob.values).toEqual(['old', 'new'])
  expect(bob.drops).toEqual([])
})
