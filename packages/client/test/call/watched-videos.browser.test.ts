/** Videos that somebody looks at, or nobody, in running calls of real pages. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { MeshTransport } from '../../src/call/mesh-transport.ts'
import { Room, createRoomLink } from '../../src/index.ts'
import type { ParticipantId } from '@conclave/wire'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { movingPicture } from '../attacks/moving-picture.ts'

let hub: LocalHub
let link: string

beforeEach(async () => {
  hub = new LocalHub({ atOnce: true })
  link = await createRoomLink('https://meet.example')
})

test('[R211] a camera at which nobody looks is not sealed, is live all the same, and moves again', async () => {
  const { alice, bob, sealed, opened } = await call()
  bob.room.watch(alice.room.self.id, 'camera', 'paused')
  await expect.poll(() => alice.media.isWatched('camera')).toBe(false)
  let last = -1
  const isStill = async (): Promise<boolean> => last === (last = await sealed())
  // Between two looks several pictures would be sealed.
  await expect.poll(isStill, { interval: 300 }).toBe(true)
  const before = await opened()
  bob.room.watch(alice.room.self.id, 'camera', 'full')
  await expect.poll(opened).toBeGreaterThan(before + 5)
  expect(alice.media.isWatched('camera')).toBe(true)
  expect(trackOf(bob.room, alice.room.self.id)?.liveness).toBe('live')
})

test('[R211, R111] it holds over new connections and a new worker', async () => {
  const workers: Worker[] = []
  const { alice, bob } = await call(workers)
  bob.room.watch(alice.room.self.id, 'camera', 'paused')
  await expect.poll(() => alice.media.isWatched('camera')).toBe(false)
  const { track } = trackOf(bob.room, alice.room.self.id) ?? {}
  workers[0]?.postMessage({ type: 'crash' })
  await expect.poll(() => trackOf(bob.room, alice.room.self.id)?.track !== track).toBe(true)
  await expect.poll(() => alice.media.isWatched('camera')).toBe(false)
})

/** Alice sends a camera that Bob sees. */
async function call(workers: Worker[] = []) {
  const alice = await join()
  const bob = await join(() => {
    workers.push(new Worker(new URL('./failing-worker.ts', import.meta.url), { type: 'module' }))
    return workers.at(-1) as Worker
  })
  await alice.room.publish(new MediaStream([movingPicture(64, 64)]))
  await expect.poll(() => trackOf(bob.room, alice.room.self.id)?.e2ee).toBe('ok')
  const sealed = async (): Promise<number> => (await alice.room.stats()).media?.sealed ?? 0
  const opened = async (): Promise<number> => (await bob.room.stats()).media?.opened ?? 0
  return { alice, bob, sealed, opened }
}

async function join(createWorker?: () => Worker) {
  let media: MeshTransport | undefined
  const room = await Room.join(link, {
    transport: hub.transport.bind(hub),
    media: (context) => (media = new MeshTransport(context, { createWorker })),
  })
  onTestFinished(() => room.leave())
  if (media === undefined) throw new Error('no media was made')
  return { room, media }
}

const trackOf = (room: Room, id: ParticipantId) => room.participants.get(id)?.tracks.get('camera')
