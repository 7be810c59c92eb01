import { DEFAULT_LIMITS } from '@conclave/server'
import { DATA_HEADER_BYTES } from '@conclave/wire'
import { expect, test } from 'vitest'
import { createTestHub, gather, gatherThree } from '../support.ts'

const { outboundHardBytes, outboundSlowMs } = DEFAULT_LIMITS

test('[H25] a client for whom more would wait than the bound is ended, and nobody else', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  eve.bufferedBytes = outboundHardBytes - 60_000
  await alice.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  eve.bufferedBytes += 50_048
  await alice.publish(new Uint8Array(50_000))
  expect(eve.delivered).toHaveLength(1)
  expect(eve.end).toEqual({ code: 4408, reason: 'slow-consumer' })
  expect(bob.delivered).toHaveLength(2)
})

test('[H25] a client that takes nothing for 10 s is ended, though nothing more is sent to it and it answers pings', async () => {
  const { hub, clock } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  await alice.publish(new Uint8Array(9))
  eve.bufferedBytes = 57
  clock.advance(outboundSlowMs / 2)
  expect(eve.end).toBeUndefined()
  clock.advance(outboundSlowMs)
  expect(eve.end?.code).toBe(4408)
  expect([alice.end, bob.end]).toEqual([undefined, undefined])
})

test('[H25] a client that reads is never slow, however little it takes and however much waits', async () => {
  const { hub, clock } = createTestHub()
  const { alice, eve } = await gatherThree(hub)
  for (let n = 0; n < 4; n += 1) await alice.publish(new Uint8Array(60_000))
  eve.bufferedBytes = 240_000
  for (let second = 0; second < 120; second += 1) {
    clock.advance(1000)
    if (second % 5 === 0) eve.bufferedBytes -= 100
    else await alice.publish(new Uint8Array(1))
    if (second % 5 !== 0) eve.bufferedBytes += 49
  }
  expect(eve.end).toBeUndefined()
  eve.bufferedBytes = 0
  clock.advance(60_000)
  expect(eve.end).toBeUndefined()
})

test('[H34] one long message of everyone in a large room at once ends nobody', async () => {
  const count = 64
  const { hub } = createTestHub({ limits: { maxParticipants: count } })
  const { clients } = await gather(hub, count)
  for (const sender of clients) {
    await sender.publish(new Uint8Array(60_000))
    for (const client of clients)
      client.bufferedBytes = client.delivered.length * (60_000 + DATA_HEADER_BYTES)
  }
  expect(clients.map(({ end }) => end).filter((end) => end !== undefined)).toEqual([])
  expect(clients.map(({ delivered }) => delivered.length)).toEqual(clients.map(() => count - 1))
})

test('[H44] the queues of all clients together are bounded: the more wait for much, the less each may', async () => {
  const limits = { outboundHardBytes: 1_100_000, outboundTotalBytes: 2_200_000 }
  const { hub } = createTestHub({ limits })
  const { clients } = await gather(hub, 6)
  const [alice, reader, ...slow] = clients
  const sendTo = async (bufferedBytes: number): Promise<number> => {
    for (const client of slow) client.bufferedBytes = bufferedBytes
    await alice?.publish(new Uint8Array(1))
    return slow.filter(({ end }) => end !== undefined).length
  }
  expect(await sendTo(400_000)).toBe(0)
  expect(await sendTo(600_000)).toBeGreaterThan(0)
  expect(slow.some(({ end }) => end === undefined)).toBe(true)
  expect([alice?.end, reader?.end]).toEqual([undefined, undefined])
  expect(reader?.delivered).toHaveLength(2)
})
