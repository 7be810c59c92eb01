/** Parts of a session that never answer. spec R158 */
import { VirtualClock } from '@conclave/base/testing'
import { SharedKeySource, createAccessKey, deriveRoomId } from '@conclave/e2ee'
import type { RoomId } from '@conclave/wire'
import { beforeEach, expect, test } from 'vitest'
import { Room, type RoomOptions, type RoomProblem } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/index.ts'
import { TestMedia } from '../support.ts'

const never = (): Promise<never> => new Promise(() => {})

let hub: LocalHub
let clock: VirtualClock
let room: RoomId

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  clock = new VirtualClock()
  const { publicKey } = await createAccessKey(new Uint8Array(32).fill(3))
  room = await deriveRoomId(publicKey)
})

const join = (keys: SharedKeySource, options: RoomOptions = {}): Promise<Room> =>
  Room.join(
    { room, keys, hub: (self) => hub.transport(self) },
    { media: false, clock, persons: false, ...options },
  )

const keysOf = (): SharedKeySource => new SharedKeySource(new Uint8Array(32).fill(1))

/** Resolves with the time that a room takes to be left. */
const leave = async (left: Room): Promise<number> => {
  const startMs = clock.now()
  let isOver = false
  const leaving = left.leave().finally(() => {
    isOver = true
  })
  while (!isOver) {
    clock.advance(100)
    await new Promise((resolve) => setTimeout(resolve))
  }
  await leaving
  return clock.now() - startMs
}

test('[R158] a session whose key source never answers is left 2 s later, and what it wrote has failed', async () => {
  const bob = await join(keysOf())
  // Her introduction to bob needs the key source, and everything that she says waits for it.
  const alice = await join(Object.assign(keysOf(), { export: never }))
  const sending = alice.chat.send('never said').catch((error: { code: string }) => error.code)
  expect(await leave(alice)).toBeLessThanOrEqual(2500)
  expect(alice.state).toBe('left')
  expect(await sending).toBe('ERR_CLIENT_CLOSED')
  await expect(alice.closed).resolves.toEqual({ reason: 'left' })
  await leave(bob)
})

test('[R158, R33] a part that never ends is a problem after 2 s, and the other parts end', async () => {
  const problems: RoomProblem[] = []
  const alice = await join(keysOf(), {
    media: (context) => Object.assign(new TestMedia(context), { close: never }),
  })
  const bob = await join(keysOf())
  await expect.poll(() => bob.participants.size).toBe(1)
  alice.on('problem', (problem) => problems.push(problem))
  expect(await leave(alice)).toBeLessThanOrEqual(2500)
  expect(problems).toMatchObject([{ code: 'ERR_CLIENT_MEDIA' }])
  expect(bob.participants.size).toBe(0)
  await leave(bob)
})
