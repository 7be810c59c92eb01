import { afterEach, beforeEach, expect, test } from 'vitest'
import { Bench, expectPicture, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'
import { dataPeer, opened } from '../support/data.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const withCamera = (peer: Peer): Peer => {
  peer.mesh.setTrack('camera', 'video', bench.picture())
  return peer
}

test('[S103] an audience receives, and sends nothing: there is one connection, in one direction', async () => {
  const alice = withCamera(await bench.peer('alice'))
  const bob = withCamera(await bench.peer('bob'))
  alice.mesh.addPeer('bob', { receive: false })
  bob.mesh.addPeer('alice', { send: false })
  await expectPicture(bob, 'alice')
  expect(Object.keys(alice.mesh.connections('bob'))).toEqual(['send'])
  expect(Object.keys(bob.mesh.connections('alice'))).toEqual(['receive'])
  expect(alice.tracks.size).toBe(0)
  expect(bench.messages('bob', 'offer')).toEqual([])
  expect([...alice.errors, ...bob.errors]).toEqual([])
})

test('[S103] somebody of the audience speaks, in the running call, and listens again', async () => {
  const alice = withCamera(await bench.peer('alice'))
  const bob = withCamera(await bench.peer('bob'))
  alice.mesh.addPeer('bob', { receive: false })
  bob.mesh.addPeer('alice', { send: false })
  await expectPicture(bob, 'alice')
  const { receive } = bob.mesh.connections('alice')
  alice.mesh.changePeer('bob', { receive: true })
  await until('bob hears the question', () => bob.mesh.drops.has('unexpected'))
  bob.mesh.changePeer('alice', { send: true })
  await expectPicture(alice, 'bob')
  bob.mesh.changePeer('alice', { send: false })
  await until('it ended', () => !alice.tracks.has('bob camera'))
  bob.mesh.changePeer('alice', { send: true })
  await expectPicture(alice, 'bob')
  alice.mesh.changePeer('bob', { receive: false })
  await until('it ended', () => !alice.tracks.has('bob camera'))
  expect(alice.mesh.connections('bob').receive).toBeUndefined()
  expect(bob.mesh.connections('alice').receive).toBe(receive)
  await expectPicture(bob, 'alice')
  expect(() => alice.mesh.changePeer('carol', { send: false })).toThrow(TypeError)
})

test('[S103] in a partial mesh each sends to those whom it chose', async () => {
  const [alice, bob, carol] = [
    withCamera(await bench.peer('alice')),
    withCamera(await bench.peer('bob')),
    withCamera(await bench.peer('carol')),
  ] as const
  // Bob and carol do not know each other; alice sends to bob only, and sees both.
  alice.mesh.addPeer('bob')
  alice.mesh.addPeer('carol', { send: false })
  bob.mesh.addPeer('alice')
  carol.mesh.addPeer('alice')
  await Promise.all([
    expectPicture(bob, 'alice'),
    expectPicture(alice, 'bob'),
    expectPicture(alice, 'carol'),
  ])
  expect(carol.tracks.size).toBe(0)
  expect(bench.network.log.some(({ from, to }) => from === 'bob' && to === 'carol')).toBe(false)
})

test('[S104] data goes both ways where media goes one way only, and what is not to be received is not shown', async () => {
  const alice = await dataPeer(bench, 'alice')
  const bob = await dataPeer(bench, 'bob')
  withCamera(alice)
  // Bob sends although alice does not want it.
  withCamera(bob)
  alice.mesh.addPeer('bob', { receive: false })
  bob.mesh.addPeer('alice')
  await Promise.all([opened(alice, 'bob'), opened(bob, 'alice'), expectPicture(bob, 'alice')])
  await alice.mesh.sendData('bob', 'chat', Uint8Array.of(1))
  await bob.mesh.sendData('alice', 'chat', Uint8Array.of(2))
  await until('both are there', () => alice.received.length + bob.received.length === 2)
  expect(alice.tracks.size).toBe(0)
  expect(alice.frames.receiving).toEqual([])
  alice.mesh.changePeer('bob', { receive: true })
  await expectPicture(alice, 'bob')
  await opened(bob, 'alice')
  await bob.mesh.sendData('alice', 'chat', Uint8Array.of(3))
  await until('it is there', () => alice.received.length === 2)
})
