import { encodeBase64Url } from '@conclave/base'
import { deriveRoomIdBytes, ROOM_ID_BYTES } from '@conclave/crypto/verify'
import { expect, test } from 'vitest'
import vectors from '../../../../spec/vectors/keys.json' with { type: 'json' }
import { hexToBytes } from '../fixtures.ts'

test.each(vectors.linkKeys)('[K3] the room of $accessPublicKey', async (vector) => {
  const accessKey = hexToBytes(vector.accessPublicKey)
  const deriving = deriveRoomIdBytes(accessKey)
  accessKey.fill(0)
  const id = await deriving
  expect(id).toHaveLength(ROOM_ID_BYTES)
  expect(encodeBase64Url(id)).toBe(vector.room)
})

test('[K3] the access key is left as it is', async () => {
  const accessKey = new Uint8Array(32).fill(7)
  await deriveRoomIdBytes(accessKey)
  expect(accessKey).toEqual(new Uint8Array(32).fill(7))
})
