/** The seed's Sender and Receiver over plain drivers, sealed by one line, in real pages. */
import { SharedKeySource } from '@conclave/e2ee'
import { generatePassphrase } from '@conclave/e2ee/passphrase'
import { Mesh, Receiver, Sender } from '@conclave/p2p'
import type { Driver, ReceiverEvents, SealedDriver } from '@conclave/p2p'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { expect, onTestFinished, test } from 'vitest'
import { Room, createRoomLink, encrypted, hubDriver } from '../../src/index.ts'
import { LocalHub } from '../../src/testing/local-hub.ts'
import { movingPicture } from '../attacks/moving-picture.ts'

const room = 'demo-room'

test('[S75, S76, S78] the quick start runs over memory with a passphrase, ends, and starts again', async () => {
  const bus = new MemoryBus()
  const passphrase = generatePassphrase()
  const seal = (driver: Driver) => encrypted(driver, { passphrase })
  const receiver = receive(seal(new MemoryDriver(bus)))
  await receiver.peer.start({ room })
  const driver = seal(new MemoryDriver(bus))
  const sender = new Sender({ driver })
  onTestFinished(() => sender.stop())
  await sender.start({ room, stream: new MediaStream([movingPicture(64, 64)]) })
  await expect.poll(() => receiver.streams.length).toBe(1)
  const [first] = receiver.streams
  expect(first?.id).toBe(sender.id)
  await plays(first?.stream)
  expect((await driver.stats()).sealed).toBeGreaterThan(0)
  await sender.stop()
  await expect.poll(() => receiver.gone).toEqual([first?.id])
  await sender.start({ room, stream: new MediaStream([movingPicture(64, 64)]) })
  await expect.poll(() => receiver.streams.length).toBe(2)
  expect(receiver.streams[1]?.id).not.toBe(first?.id)
  await plays(receiver.streams[1]?.stream)
})

test('[S76, S77, S79] over a BroadcastChannel, whose listener learns nothing, ends nothing and sees no frame', async () => {
  const name = `call ${Math.floor(performance.now() * 1000)}`
  const keys = new SharedKeySource(new Uint8Array(32).fill(3))
  const made = (): SealedDriver => {
    const driver = new BroadcastChannelDriver(name)
    onTestFinished(() => driver.close())
    return encrypted(driver, { keys })
  }
  const seen: { namespace: string; message: unknown }[] = []
  const mallory = new BroadcastChannel(name)
  mallory.onmessage = ({ data }) => seen.push(data)
  onTestFinished(() => mallory.close())
  const receiver = receive(made())
  const driver = made()
  const sender = new Sender({ driver })
  onTestFinished(() => sender.stop())
  await sender.start({ room, stream: new MediaStream([movingPicture(64, 64)]) })
  await receiver.peer.start({ room })
  await expect.poll(() => receiver.streams.length).toBe(1)
  await plays(receiver.streams[0]?.stream)
  // Everything that was on the channel again, in its namespace and in others, and a farewell in each name.
  const recorded = [...seen]
  const namespaces = [...new Set(recorded.map(({ namespace }) => namespace))]
  expect(namespaces).toHaveLength(1)
  for (const { message } of recorded) {
    mallory.postMessage({ namespace: namespaces[0], message })
    mallory.postMessage({ namespace: JSON.stringify(['receiver', room]), message })
  }
  for (const id of [sender.id, receiver.peer.id]) {
    const message = { type: 'dispose', id }
    for (const role of ['sender', 'receiver']) {
      for (const namespace of [
        [role, room],
        [role, room, sender.id],
        [role, room, receiver.peer.id],
      ]) {
        mallory.postMessage({ namespace: JSON.stringify(namespace), message })
      }
    }
    mallory.postMessage({ namespace: namespaces[0], message })
  }
  const before = await decoded(receiver.peer)
  await expect.poll(() => decoded(receiver.peer)).toBeGreaterThan(before + 10)
  expect(receiver.gone).toEqual([])
  const texts = JSON.stringify(seen)
  for (const secret of [room, 'candidate', 'fingerprint', sender.id, receiver.peer.id]) {
    expect(texts).not.toContain(secret)
  }
})

test('[S75, S77] a mesh over a driver that has joined, on a bus that delivers everything twice', async () => {
  const network = new MemoryNetwork(() => 'duplicate')
  const keys = new SharedKeySource(new Uint8Array(32).fill(4))
  const drivers = ['a', 'b'].map((name) => encrypted(network.driver(name), { keys }))
  onTestFinished(async () => {
    await Promise.all(drivers.map((driver) => driver.close()))
  })
  await Promise.all(drivers.map((driver) => driver.join(room)))
  const shown: MediaStreamTrack[] = []
  for (const driver of drivers) {
    const { id } = driver
    const mesh = new Mesh({ driver, id, room })
    onTestFinished(() => mesh.close())
    mesh.setTrack('camera', 'video', movingPicture(64, 64))
    mesh.on('track', ({ track }) => shown.push(track))
    const members = driver.room
    for (const peer of members?.participants.keys() ?? []) mesh.addPeer(peer)
    members?.on('participantJoined', ({ participant }) => mesh.addPeer(participant.id))
  }
  await expect.poll(() => shown.filter(({ kind }) => kind === 'video').length).toBe(2)
  for (const track of shown) await plays(new MediaStream([track]))
})

test('[R167, R168] a sender and a receiver over a room with its own call, and they end with a participant', async () => {
  const hub = new LocalHub({ atOnce: true })
  const link = await createRoomLink('https://meet.example')
  const join = async (name: string): Promise<Room> => {
    const made = await Room.join(link, { name, transport: (self) => hub.transport(self) })
    onTestFinished(() => made.leave())
    return made
  }
  const [alice, bob] = [await join('Alice'), await join('Bob')]
  await alice.publish(new MediaStream([movingPicture(64, 64)]))
  const receiver = receive(hubDriver(bob))
  const sender = new Sender({ driver: hubDriver(alice) })
  await receiver.peer.start({ room: 'stage' })
  await sender.start({ room: 'stage', stream: new MediaStream([movingPicture(64, 64)]) })
  await expect.poll(() => receiver.streams.length).toBe(1)
  expect(receiver.streams[0]?.id).toBe(alice.self.id)
  await plays(receiver.streams[0]?.stream)
  const camera = (): string | undefined =>
    bob.participants.get(alice.self.id)?.tracks.get('camera')?.e2ee
  await expect.poll(camera).toBe('ok')
  await alice.leave()
  await expect.poll(() => receiver.gone).toEqual([alice.self.id])
})

test('[S75] a driver that brings no frame protector needs one', () => {
  const driver = { sealed: true, id: 'x', on() {}, off() {}, emit() {} } as const
  expect(() => new Sender({ driver })).toThrow(/"frames" expected/)
})

function receive(driver: SealedDriver) {
  const peer = new Receiver({ driver })
  const streams: ReceiverEvents['stream'][] = []
  const gone: string[] = []
  peer.addEventListener('stream', (event) => streams.push(event.detail))
  peer.addEventListener('dispose', (event) => gone.push(event.detail.id))
  onTestFinished(() => peer.stop())
  return { peer, streams, gone }
}

/** The pictures that a receiver decoded until now. */
async function decoded({ connections }: Receiver): Promise<number> {
  let count = 0
  for (const connection of connections.values()) {
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video') count += report.framesDecoded
    }
  }
  return count
}

/** Resolves when a video shows the stream. */
async function plays(stream: MediaStream | undefined): Promise<void> {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream ?? null
  await video.play()
  await expect.poll(() => video.videoWidth).toBeGreaterThan(0)
}
