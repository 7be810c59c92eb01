import {
  decryptCallSignalJson,
  encryptCallSignalJson,
  EventCounter,
  Keyring,
  openEvent,
  ReplayGuard,
} from '@conclave/e2ee'
import { createSigner, generateSigningKeys, SignerDirectory } from '@conclave/e2ee/signing'
import { expect, test } from 'vitest'
import { failureOf, rootOf } from '../fixtures.ts'

const place = { callId: 'call-1', eventName: 'offer' } as const

test('[P58] an own event that a carrier brings back is reflected, with every protection on', async () => {
  const ring = new Keyring()
  ring.rotate({ keyId: 'c', epoch: 1, key: rootOf(1) })
  const [keys, verifier] = [await generateSigningKeys(), new SignerDirectory()]
  verifier.add('alice', keys.publicKey)
  const counter = new EventCounter({ now: Date.now() })
  const sealing = { ...place, sender: 'alice', counter, signer: createSigner(keys) }
  const sent = await encryptCallSignalJson({ sdp: 'v=0' }, ring, sealing)
  const replay = new ReplayGuard({ storage: 'none' })
  const opening = { ...place, replay, verifier, sender: 'alice' }
  const event = { kind: 'call', ...opening } as const
  expect(await openEvent(sent, ring, { ...event, self: 'alice' })).toEqual({
    ...{ type: 'dropped', reason: 'reflected' },
  })
  const failure = await failureOf(decryptCallSignalJson(sent, ring, { ...opening, self: 'alice' }))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_OPEN_FAILED', undefined])
  // It took no number: Bob, or Alice on another device with another name, opens it.
  expect(await openEvent(sent, ring, { ...event, self: 'bob' })).toMatchObject({ type: 'opened' })
  const wrong = decryptCallSignalJson(sent, ring, { ...opening, self: '' })
  await expect(wrong).rejects.toThrow(/^"self"/)
})

test('[P58] an event without a sender opens as before', async () => {
  const ring = new Keyring()
  ring.rotate({ keyId: 'c', epoch: 1, key: rootOf(1) })
  const sent = await encryptCallSignalJson(1, ring, place)
  expect(await decryptCallSignalJson(sent, ring, { ...place, replay: 'none' })).toBe(1)
  expect(await decryptCallSignalJson(sent, ring, { ...place, self: 'alice', replay: 'none' })).toBe(
    1,
  )
})
