import { DEFAULT_LIMITS } from '@conclave/server'
import { DATA_HEADER_BYTES } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub, gatherThree } from '../support.ts'

test('[H25] a client that does not read is ended before more than the bound is queued', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  eve.bufferedBytes = DEFAULT_LIMITS.outboundHardBytes - 60_000
  await alice.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  eve.bufferedBytes += 50_048
  await alice.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  expect(eve.end).toEqual({ code: 4408, reason: 'slow-consumer' })
  expect(bob.delivered).toHaveLength(2)
})

test('[H25] a queue that stays long for 10 s ends the connection, one that gets shorter does not', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  bob.bufferedBytes = eve.bufferedBytes = DEFAULT_LIMITS.outboundSoftBytes + 1
  await alice.publish(new Uint8Array(1))
  clock.advance(6000)
  eve.bufferedBytes = 0
  await alice.publish(new Uint8Array(1))
  eve.bufferedBytes = DEFAULT_LIMITS.outboundSoftBytes + 1
  clock.advance(4001)
  await alice.publish(new Uint8Array(1))
  expect(bob.end?.code).toBe(4408)
  expect(eve.end).toBeUndefined()
})

test('[H34] two bursts that the limits permit end nobody who reads later, and all of both arrives', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  clock.advance(60_000)
  const { bytesBurst, outboundSoftBytes, bytesPerSecond } = DEFAULT_LIMITS
  const payload = new Uint8Array(16_384 - DATA_HEADER_BYTES)
  const count = bytesBurst / 16_384
  for (let n = 0; n < count; n += 1) {
    for (const sender of [alice, bob]) {
      await sender.publish(payload)
      eve.bufferedBytes = eve.delivered.length * 16_384
    }
  }
  expect(eve.delivered).toHaveLength(2 * count)
  // From here on eve reads as fast as one participant may send.
  while (eve.bufferedBytes > outboundSoftBytes) {
    clock.advance(1000)
    eve.bufferedBytes -= bytesPerSecond
    await alice.publish(new Uint8Array(1))
  }
  expect([alice.end, bob.end, eve.end]).toEqual([undefined, undefined, undefined])
})
