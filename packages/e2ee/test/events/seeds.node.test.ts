/** The samples themselves are in examples/01-seeds, where people read them. */
import { decryptChatJson, decodeEventHeader } from '@conclave/e2ee'
import { expect, test } from 'vitest'

test('[P20] the chat sample runs word for word', async () => {
  const { encrypted, message, roomKey } = await import('../../../../examples/01-seeds/chat.ts')
  expect(message).toEqual({ body: 'Private message', sender_id: 'user-1' })
  const carried: unknown = JSON.parse(JSON.stringify(encrypted))
  expect(JSON.stringify(carried)).not.toContain('Private')
  expect(decodeEventHeader(carried)).toMatchObject({ keyId: 'room-42-v1', epoch: 1n })
  const options = { roomId: 'room-42', messageId: 'msg-1' }
  expect(await decryptChatJson(carried, roomKey, options)).toEqual(message)
})

test('[P20] the call signal sample runs word for word', async () => {
  const { localDescription, offer } = await import('../../../../examples/01-seeds/call-signal.ts')
  expect(offer).toEqual({ sdp_type: 'offer', sdp: localDescription.sdp })
})

test('[P20] the realtime sample runs word for word', async () => {
  const { payload } = await import('../../../../examples/01-seeds/realtime.ts')
  expect(payload).toEqual({ note: 'Sensitive delivery instruction' })
})

test('[P20] the key export sample runs word for word', async () => {
  const { again, message, rawRoomKey } = await import('../../../../examples/01-seeds/key-export.ts')
  expect(again).toEqual(message)
  expect(rawRoomKey).toMatch(/^[A-Za-z0-9+/]{43}=$/)
})
