/** Protection is lost while peers are connected: nothing of that direction is attached again. */
import type { MediaDirection } from '@conclave/p2p'
import { Receiver, Sender } from '@conclave/p2p'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, ROOM, expectPicture, framesDecoded, openDriver, until } from './support/bench.ts'
import { TestFrames } from './support/frames.ts'

let bench: Bench

beforeEach(() => {
  bench = new Bench()
})
afterEach(() => bench.close())

class LosingFrames extends TestFrames {
  #lost: ((direction: MediaDirection) => void) | undefined

  onLost(lost: (direction: MediaDirection) => void): () => void {
    this.#lost = lost
    return () => {
      this.#lost = undefined
    }
  }

  lose(direction: MediaDirection): void {
    this.#lost?.(direction)
  }
}

test('[S42] without protection of sent frames connections end, no unmute brings a track back, and newcomers get none', async () => {
  const frames = new LosingFrames()
  const [alice, bob] = [await bench.peer('alice', { frames }), await bench.peer('bob')]
  const picture = bench.picture()
  alice.mesh.setTrack('camera', 'video', picture)
  bob.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  await expectPicture(alice, 'bob')
  const made = frames.sending.length
  const { send } = alice.mesh.connections('bob')
  frames.lose('send')
  expect(send?.connectionState).toBe('closed')
  expect(alice.mesh.connections('bob').send).toBeUndefined()
  await until('bob hears the end', () => !bob.tracks.has('alice camera'))
  alice.mesh.setTrack('camera', 'video', null)
  alice.mesh.setTrack('camera', 'video', picture)
  alice.mesh.setTrack('screen', 'video', bench.picture('black'))
  const carol = await bench.peer('carol')
  carol.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, carol)
  // What comes goes on, from both.
  await expectPicture(alice, 'carol')
  const before = await framesDecoded(alice, 'bob')
  await until('bob is seen', async () => (await framesDecoded(alice, 'bob')) > before)
  await until('both asked', () => (alice.mesh.drops.get('unprotected') ?? 0) >= 2)
  expect(frames.sending).toHaveLength(made)
  expect(bench.messages('alice', 'offer').filter(({ id }) => id === 'alice')).toHaveLength(1)
  expect(carol.mesh.connections('alice').receive).toBeUndefined()
  expect(alice.errors).toEqual([])
  frames.close()
})

test('[S42] without protection of received frames connections end, and no other is asked for', async () => {
  const frames = new LosingFrames()
  const [alice, bob] = [await bench.peer('alice'), await bench.peer('bob', { frames })]
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bob.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  await expectPicture(alice, 'bob')
  const { receive } = bob.mesh.connections('alice')
  const asked = bench.messages('bob', 'invoke').length
  frames.lose('receive')
  expect(receive?.connectionState).toBe('closed')
  expect([...bob.tracks]).toEqual([])
  await until('alice hears it', () => alice.mesh.connections('bob').send === undefined)
  const carol = await bench.peer('carol')
  carol.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(bob, carol)
  bob.mesh.resync()
  await expectPicture(carol, 'bob')
  const before = await framesDecoded(alice, 'bob')
  await until('alice sees', async () => (await framesDecoded(alice, 'bob')) > before)
  expect(bench.messages('bob', 'invoke')).toHaveLength(asked)
  expect(bob.mesh.connections('carol').receive).toBeUndefined()
  expect(bob.errors).toEqual([])
  frames.close()
})

test('[S42] a sender and a receiver without a roster let go of all peers, and take no others', async () => {
  const [from, to] = [new LosingFrames(), new LosingFrames()]
  const sender = new Sender({
    driver: openDriver(bench.network.driver('alice'), 'alice'),
    frames: from,
  })
  const receiver = new Receiver({
    driver: openDriver(bench.network.driver('bob'), 'bob'),
    frames: to,
  })
  const stream = new MediaStream([bench.picture()])
  await sender.start({ room: ROOM, stream })
  await receiver.start({ room: ROOM })
  await until('connected', () => sender.connections.get('bob')?.connectionState === 'connected')
  const [made] = [from.sending.length]
  from.lose('send')
  expect(sender.connections.size).toBe(0)
  await until('asked again', () => (sender.drops.get('unprotected') ?? 0) > 0)
  expect(from.sending).toHaveLength(made)
  to.lose('receive')
  expect(receiver.connections.size).toBe(0)
  sender.resync()
  await until('announced', () => (receiver.drops.get('unprotected') ?? 0) > 0)
  expect(receiver.connections.size).toBe(0)
  await Promise.all([sender.stop(), receiver.stop()])
  from.close()
  to.close()
})
