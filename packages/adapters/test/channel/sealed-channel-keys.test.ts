import { randomParticipantId, SharedKeySource } from '@conclave/e2ee'
import { expect, test } from 'vitest'
import { bareKey, Carrier, joinSealed, settled } from '../fixtures.ts'

test('[T14] a bare key works like a keyring, and its name is checked', async () => {
  const carrier = new Carrier()
  const keys = await bareKey()
  const alice = joinSealed(carrier, { sender: 'alice', keys, keyId: 'one', keyVersion: 3 })
  const bob = joinSealed(carrier, { sender: 'bob', keys, keyId: 'one', keyVersion: 3 })
  const carol = joinSealed(carrier, { sender: 'carol', keys, keyId: 'two' })
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob, carol)
  expect(bob.values).toEqual([1])
  expect(carol.drops).toMatchObject([{ reason: 'unknown-key', keyId: 'one', epoch: 3n }])
})

test('[T14] key sources work as a ring does, and bind the sender', async () => {
  const carrier = new Carrier()
  const [self, other] = [randomParticipantId(), randomParticipantId()]
  const source = (): SharedKeySource => new SharedKeySource(new Uint8Array(32).fill(7))
  const alice = joinSealed(carrier, { sender: self, keys: source() })
  const bob = joinSealed(carrier, { sender: other, keys: source() })
  const stranger = joinSealed(carrier, {
    sender: other,
    keys: new SharedKeySource(new Uint8Array(32).fill(8)),
  })
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob, stranger)
  expect(bob.values).toEqual([1])
  expect(stranger.values).toEqual([])
})

test('[T14] events of a call are bound to it', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice', context: { kind: 'call', callId: 'c1' } })
  const bob = joinSealed(carrier, { sender: 'bob', context: { kind: 'call', callId: 'c1' } })
  const carol = joinSealed(carrier, { sender: 'carol', context: { kind: 'call', callId: 'c2' } })
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob, carol)
  expect(bob.values).toEqual([1])
  expect(carol.values).toEqual([])
})
