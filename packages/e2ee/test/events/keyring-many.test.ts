/** A ring with as many keys as it may hold. */
import { Keyring, MAX_KEYS, sealEventBinary } from '@conclave/e2ee'
import { expect, test, vi } from 'vitest'
import { rootOf } from '../fixtures.ts'

const chat = { kind: 'chat', roomId: 'room-42', messageId: 'msg-1' } as const

test('[P12] a ring derives the keys of each of its 4,096 keys once, however these take turns', async () => {
  const ring = new Keyring()
  const keyIds = Array.from({ length: MAX_KEYS }, (_, index) => `room-${index}`)
  for (const keyId of keyIds) ring.add({ keyId, epoch: 1, key: rootOf(1) })
  const derivations = vi.spyOn(ring, 'export')
  for (const sender of ['alice', 'bob', 'alice', 'bob']) {
    for (const keyId of keyIds) {
      await sealEventBinary(1, ring, { ...chat, sender, keyId, keyVersion: 1 })
    }
  }
  expect(derivations).toHaveBeenCalledTimes(2 * MAX_KEYS)
})
