import { encodeBase64Url } from '@conclave/base'
import {
  CERTIFIED_ID_BYTES,
  deriveParticipantIdBytes,
  deriveRoomIdBytes,
} from '@conclave/crypto/verify'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/keys.json' with { type: 'json' }
import session from '../../../../spec/vectors/session.json' with { type: 'json' }
import { hexToBytes } from '../fixtures.ts'

test.each(vectors.linkKeys)(
  '[K3] the room of $accessPublicKey',
  async ({ accessPublicKey, ownerFingerprint, room }) => {
    const owner = hexToBytes(ownerFingerprint)
    const derive = (key: Uint8Array): Promise<Uint8Array> => deriveRoomIdBytes(key, owner)
    expect(await idOf(derive, accessPublicKey)).toBe(room)
  },
)

test.each(Object.values(session.sessions))(
  '[C2] the participant of $signingKey',
  async ({ signingKey, id }) => {
    expect(await idOf(deriveParticipantIdBytes, signingKey)).toBe(id)
  },
)

test('[K3, C2] the key is left as it is, and the two ids of a key differ', async () => {
  const key = new Uint8Array(32).fill(7)
  const room = await deriveRoomIdBytes(key, new Uint8Array(16))
  const participant = await deriveParticipantIdBytes(key)
  expect(key).toEqual(new Uint8Array(32).fill(7))
  expect(room).not.toEqual(participant)
  expect([room.length, participant.length]).toEqual([CERTIFIED_ID_BYTES, CERTIFIED_ID_BYTES])
})

/** Overwrites the key as soon as the call returns. */
async function idOf(
  derive: (key: Uint8Array) => Promise<Uint8Array>,
  publicKey: string,
): Promise<string> {
  const key = hexToBytes(publicKey)
  const deriving = derive(key)
  key.fill(0)
  return encodeBase64Url(await deriving)
}
