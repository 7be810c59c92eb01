import { createMemoryEngine } from '@conclave/server'
import { engineContract, randomMessage, randomParticipant } from '@conclave/server/testing'
import { VirtualClock } from '@conclave/base/testing'
import { bytesToRoomId } from '@conclave/wire'
import type { RoomId } from '@conclave/wire'
import { describe, expect, test } from 'vitest'
import { DedupeWindow } from '../../src/engine/dedupe-window.ts'

describe('the memory engine keeps the contract', () => {
  test.each(engineContract({ create: createMemoryEngine }))('$title', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined()
  })
})

test('[H21] a message id is forgotten after 120 s', async () => {
  const clock = new VirtualClock()
  const room = bytesToRoomId(new Uint8Array(16)) as RoomId
  const channel = await createMemoryEngine({ clock }).attach(room, () => {})
  const message = {
    id: randomMessage(),
    from: randomParticipant(),
    to: undefined,
    payload: new Uint8Array(1),
  }
  await channel.publish(message)
  clock.advance(119_999)
  expect((await channel.publish(message)).duplicate).toBe(true)
  clock.advance(1)
  expect((await channel.publish(message)).duplicate).toBe(false)
})

test('[H6] at most 4 096 message ids of a room are remembered', () => {
  const seen = new DedupeWindow()
  const from = randomParticipant()
  const ids = Array.from({ length: 5000 }, randomMessage)
  for (const [index, id] of ids.entries())
    seen.add({ from, id }, { position: BigInt(index), nowMs: 0 })
  expect(seen.size).toBe(4096)
  expect(seen.find({ from, id: ids[0] ?? randomMessage() }, 0)).toBeUndefined()
  expect(seen.find({ from, id: ids[4999] ?? randomMessage() }, 0)).toBe(4999n)
})
