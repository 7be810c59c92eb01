import { createSigner, generateSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import type { ArrivedEvent } from '@conclave/adapters'
import { expect, test } from 'vitest'
import { Carrier, joinSealed, settled } from '../fixtures.ts'

test('[T16] with a verifier no member can send as another, and unsigned events are dropped', async () => {
  const [alices, eves] = [await generateSigningKeys(), await generateSigningKeys()]
  const verifier = new SignerDirectory()
  verifier.add('alice', alices.publicKey)
  verifier.add('eve', eves.publicKey)
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice', signer: createSigner(alices) })
  const bob = joinSealed(carrier, { sender: 'bob', verifier })
  const eve = joinSealed(carrier, { sender: 'alice', signer: createSigner(eves) })
  const mute = joinSealed(carrier, { sender: 'alice' })
  const events: ArrivedEvent[] = []
  bob.channel.on('message', (_value, event) => events.push(event))
  await alice.channel.send('message', 'mine')
  await eve.channel.send('message', 'not mine')
  await mute.channel.send('message', 'nobody’s')
  carrier.flush()
  await settled(carrier, alice, bob, eve, mute)
  expect(bob.values).toEqual(['mine'])
  expect(events).toMatchObject([{ sender: 'alice', signedBy: alices.publicKey }])
  expect(bob.drops.map(({ reason }) => reason)).toEqual(['not-authentic', 'unsigned'])
})

test('[T16] without a verifier signed events are delivered, and no signature is reported', async () => {
  const keys = await generateSigningKeys()
  const carrier = new Carrier('binary')
  const alice = joinSealed(carrier, { sender: 'alice', signer: createSigner(keys) })
  const bob = joinSealed(carrier, { sender: 'bob' })
  const events: ArrivedEvent[] = []
  bob.channel.on('message', (_value, event) => events.push(event))
  await alice.channel.send('message', 1)
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([1])
  expect(events).toMatchObject([{ signedBy: undefined }])
})
