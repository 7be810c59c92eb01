import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import {
  Bench,
  audioPackets,
  expectPicture,
  framesDecoded,
  packetsSent,
  stats,
  until,
} from './support/bench.ts'
import type { Peer } from './support/bench.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const colors = ['teal', 'crimson', 'indigo', 'olive']

/** Peers that send a camera each, and know each other. */
const call = async (...ids: string[]): Promise<readonly Peer[]> => {
  const peers = await Promise.all(ids.map(async (id) => bench.peer(id)))
  for (const [index, { mesh }] of peers.entries()) {
    mesh.setTrack('camera', 'video', bench.picture(colors[index]))
  }
  bench.introduce(...peers)
  return peers
}

test('[S12, S29] two peers see and hear each other', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  alice.mesh.setTrack('microphone', 'audio', bench.tone())
  bob.mesh.setTrack('microphone', 'audio', bench.tone())
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  await until('sound', async () => (await audioPackets(alice, 'bob')) > 20)
  await until('sound', async () => (await audioPackets(bob, 'alice')) > 20)
  expect(alice.errors).toEqual([])
  expect(bob.errors).toEqual([])
  expect(alice.frames.prepared).toContain('bob keys of bob')
  const counts = await bob.frames.counts()
  expect(counts.opened).toBeGreaterThan(0)
  expect(counts.refused).toBe(0)
})

test('[S12] three peers see each other, the third comes later, one leaves', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const cyd = await bench.peer('cyd')
  cyd.mesh.setTrack('camera', 'video', bench.picture('indigo'))
  // Each learns of the other at a different time.
  cyd.mesh.addPeer('alice')
  cyd.mesh.addPeer('bob')
  alice.mesh.addPeer('cyd')
  await until('cyd has asked a peer that does not know it', () =>
    bob.mesh.drops.has('unknown-peer'),
  )
  bob.mesh.addPeer('cyd')
  await Promise.all([
    expectPicture(cyd, 'alice'),
    expectPicture(cyd, 'bob'),
    expectPicture(alice, 'cyd'),
    expectPicture(bob, 'cyd'),
  ])
  alice.mesh.removePeer('bob')
  bob.mesh.removePeer('alice')
  await until('ended', () => !alice.tracks.has('bob camera') && !bob.tracks.has('alice camera'))
  expect(alice.mesh.connections('bob')).toEqual({})
  const before = await framesDecoded(cyd, 'alice')
  await until('the others go on', async () => (await framesDecoded(cyd, 'alice')) > before)
  expect(alice.frames.released).toHaveLength(2)
})

test('[S12] a peer that leaves and comes back under its id is connected again', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await expectPicture(alice, 'bob')
  bob.mesh.removePeer('alice')
  await until('gone', () => !alice.tracks.has('bob camera'))
  bob.mesh.addPeer('alice')
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  expect(alice.errors).toEqual([])
})

test('[S28] a call starts without tracks; a camera and a microphone are added while it runs', async () => {
  const alice = await bench.peer('alice')
  const bob = await bench.peer('bob')
  bench.introduce(alice, bob)
  await until('connected', () => bob.states.includes('alice receive connected'))
  expect(bob.tracks.size).toBe(0)
  const sections = alice.mesh.connections('bob').send?.getTransceivers().length
  alice.mesh.setTrack('camera', 'video', bench.picture())
  alice.mesh.setTrack('microphone', 'audio', bench.tone())
  await expectPicture(bob, 'alice')
  await until('told', () => bob.tracks.has('alice microphone'))
  expect(alice.mesh.connections('bob').send?.getTransceivers()).toHaveLength(sections ?? 0)
  alice.mesh.setTrack('camera', 'video', null)
  await until('told of the end', () => !bob.tracks.has('alice camera'))
  expect(bob.tracks.has('alice microphone')).toBe(true)
})

test('[S28] a screen is added, removed and added again in the same section', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await expectPicture(bob, 'alice')
  const connection = alice.mesh.connections('bob').send
  alice.mesh.setTrack('screen', 'video', bench.picture('black', 640, 480))
  alice.mesh.setTrack('screen-audio', 'audio', bench.tone())
  const first = await expectPicture(bob, 'alice', 'screen')
  expect(first.videoWidth).toBe(640)
  await until('sound of the screen', () => bob.tracks.has('alice screen-audio'))
  const receiver = bob.tracks.get('alice screen')?.receiver
  alice.mesh.setTrack('screen', 'video', null)
  alice.mesh.setTrack('screen-audio', 'audio', null)
  await until(
    'ended',
    () => !bob.tracks.has('alice screen') && !bob.tracks.has('alice screen-audio'),
  )
  alice.mesh.setTrack('screen', 'video', bench.picture('black', 800, 600))
  await expectPicture(bob, 'alice', 'screen')
  expect(bob.tracks.get('alice screen')?.receiver).toBe(receiver)
  expect(connection?.getTransceivers()).toHaveLength(4)
  expect(alice.mesh.connections('bob').send).toBe(connection)
  // The label is authenticated with each frame: one that was told wrong would not open.
  expect((await bob.frames.counts()).refused).toBe(0)
  expect(bob.frames.receiving).toEqual(['microphone', 'camera', 'screen', 'screen-audio'])
})

test('[S28] a camera is replaced without renegotiation', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await expectPicture(bob, 'alice')
  await until('quiet', () => bob.states.includes('alice send connected'))
  const offers = () =>
    bench.network.log.filter(
      ({ from, message }) => from === 'alice' && (message as { type: string }).type === 'offer',
    ).length
  const before = offers()
  const video = await expectPicture(bob, 'alice')
  expect(video.videoWidth).toBe(320)
  alice.mesh.setTrack('camera', 'video', bench.picture('gold', 240, 180))
  await until('the other size', async () => {
    const entries = await stats(bob.mesh.connections('alice').receive)
    return entries.some((entry) => entry.frameWidth === 240)
  })
  expect(offers()).toBe(before)
})

test('[S24] nothing is sent before the protector has acknowledged', async () => {
  let acknowledge = (): void => undefined
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve
  })
  const bob = await bench.peer('bob', { sealed: false })
  const slow = await bench.peer('alice', {
    frames: bench.slowFrames(acknowledged),
    sealed: false,
  })
  slow.mesh.setTrack('camera', 'video', bench.picture())
  slow.mesh.setTrack('microphone', 'audio', bench.tone())
  bench.introduce(slow, bob)
  await until('connected', () => bob.states.includes('alice receive connected'))
  await until('connected', () => slow.states.includes('bob send connected'))
  // Whatever waited to be done to the sections is done before the offer of another one.
  slow.mesh.setTrack('screen', 'video', bench.picture())
  await until('another offer was answered', () => bench.messages('bob', 'answer').length > 1)
  expect(slow.mesh.connections('bob').send?.getSenders()).toHaveLength(3)
  expect(await packetsSent(slow, 'bob')).toBe(0)
  for (const sender of slow.mesh.connections('bob').send?.getSenders() ?? []) {
    expect(sender.track).toBeNull()
  }
  acknowledge()
  await expectPicture(bob, 'alice')
})

test('[S25] a protector that refuses closes the connection, and nothing was sent', async () => {
  const bob = await bench.peer('bob')
  const alice = await bench.peer('alice', {
    frames: bench.slowFrames(Promise.reject(new Error('no worker'))),
  })
  const sent: RTCPeerConnection[] = []
  alice.mesh.on('connection', () => {
    const { send } = alice.mesh.connections('bob')
    if (send !== undefined) sent.push(send)
  })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await until('reported', () => alice.errors.includes('ERR_P2P_PROTECT_FAILED'))
  await until('failed', () => alice.states.includes('bob send failed'))
  for (const connection of sent) expect(connection.connectionState).toBe('closed')
  expect(alice.mesh.connections('bob').send).toBeUndefined()
  expect(await framesDecoded(bob, 'alice')).toBe(0)
  // The other direction is another connection.
  bob.mesh.setTrack('camera', 'video', bench.picture())
  await until('the other direction', () => alice.tracks.has('bob camera'))
})

test('[S25, S23] a protector that refused once is asked again by the next connection', async () => {
  const bob = await bench.peer('bob')
  const alice = await bench.peer('alice', { frames: bench.flakyFrames(1) })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  expect(alice.errors).toEqual(['ERR_P2P_PROTECT_FAILED'])
})

test('[S25] a protector that refuses while the platform makes the offer does not keep the next connection waiting', async () => {
  const bob = await bench.peer('bob')
  let refuse = (_reason: Error): void => undefined
  const refusal = new Promise<void>((_resolve, reject) => {
    refuse = reject
  })
  const alice = await bench.peer('alice', { frames: bench.flakyFrames(1, refusal) })
  const { setLocalDescription } = RTCPeerConnection.prototype
  const spy = vi.spyOn(RTCPeerConnection.prototype, 'setLocalDescription')
  onTestFinished(() => spy.mockRestore())
  spy.mockImplementation(function describe(this: RTCPeerConnection, ...given) {
    const described = setLocalDescription.apply(this, given)
    // It closes the connection now, and the platform never settles this promise.
    if (this === alice.mesh.connections('bob').send) refuse(new Error('not yet'))
    return described
  })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await expectPicture(bob, 'alice')
  expect(alice.errors).toEqual(['ERR_P2P_PROTECT_FAILED'])
})

test('[S26] receivers are protected within the track event, under the label of the offer', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  expect(bob.frames.receiving).toEqual(['microphone', 'camera'])
  expect(bob.frames.wasLate).toBe(false)
})

test('[S26] a receiver whose protector refuses shows nothing', async () => {
  const alice = await bench.peer('alice')
  const bob = await bench.peer('bob', { frames: bench.deafFrames() })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await until('reported', () => bob.errors.includes('ERR_P2P_PROTECT_FAILED'))
  await until('ended', () => bob.states.includes('alice receive connected'))
  expect(bob.tracks.size).toBe(0)
  expect(await framesDecoded(bob, 'alice')).toBe(0)
})

test('[S24] connections are one-directional, and hold frames back from their start', async () => {
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await Promise.all([expectPicture(alice, 'bob'), expectPicture(bob, 'alice')])
  const { send, receive } = alice.mesh.connections('bob')
  expect(send?.getTransceivers().map((each) => each.currentDirection)).toEqual([
    'sendonly',
    'sendonly',
  ])
  expect(receive?.getTransceivers().map((each) => each.currentDirection)).toEqual([
    'recvonly',
    'recvonly',
  ])
})

test('[S35] limits follow the number of peers', async () => {
  // So many that the machine is no limit.
  vi.stubGlobal('navigator', { hardwareConcurrency: 64 })
  onTestFinished(() => void vi.unstubAllGlobals())
  const [alice, bob] = (await call('alice', 'bob')) as [Peer, Peer]
  await expectPicture(bob, 'alice')
  const rate = () =>
    alice.mesh
      .connections('bob')
      .send?.getSenders()
      .find((sender) => sender.track?.kind === 'video')
      ?.getParameters().encodings[0]?.maxBitrate
  await until('few', () => rate() === 1_200_000)
  for (const id of ['cyd', 'dan', 'eve']) alice.mesh.addPeer(id)
  await until('more', () => rate() === 700_000)
  for (const id of ['cyd', 'dan', 'eve']) alice.mesh.removePeer(id)
  await until('few again', () => rate() === 1_200_000)
  expect(alice.errors).toEqual([])
})
