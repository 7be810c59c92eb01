import { expect, onTestFinished, test, vi } from 'vitest'
import { Mesh, Receiver, Sender } from '@conclave/p2p'
import type { FrameProtector, PeerOptions, SealedDriver } from '@conclave/p2p'
import { VirtualClock } from '@conclave/base/testing'
import { MemoryDriver } from '@conclave/p2p/drivers/memory'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { SignalSession } from '../src/signal-session.ts'
import { openDriver } from './support/numbered-driver.ts'

/** No frame is handled in this file: nobody is connected. */
const frames: FrameProtector = {
  connectionConfig: { encodedInsertableStreams: true },
  codecs: { audio: [], video: [] },
  protectSender: () => Promise.reject(new Error('not used')),
  protectReceiver: () => Promise.reject(new Error('not used')),
  describe: () => Promise.resolve(''),
  prepare: () => Promise.resolve(),
  release: () => undefined,
}

const events = {
  delivered: () => undefined,
  dropped: () => undefined,
  failed: () => undefined,
  lost: () => undefined,
  revived: () => undefined,
}

const plain = new MemoryDriver() as unknown as SealedDriver

test.each([
  ['a sender', () => new Sender({ driver: plain, frames })],
  ['a receiver', () => new Receiver({ driver: plain, frames })],
  ['a mesh', () => new Mesh({ driver: plain, frames, room: 'room', id: 'alice' })],
  ['nothing', () => new Sender({ driver: undefined as unknown as SealedDriver, frames })],
])('[S3] %s refuses a driver that does not seal', (_name, create) => {
  expect(create).toThrow(TypeError)
})

test('[S3] an id that is not the driver’s is refused', async () => {
  const driver = openDriver(new MemoryDriver(), 'alice')
  expect(() => new Mesh({ driver, frames, room: 'room', id: 'bob' })).toThrow(TypeError)
  expect(() => new Sender({ driver, frames, id: 'bob' })).toThrow(TypeError)
  expect(new Receiver({ driver, frames }).id).toBe('alice')
})

test('[S39] ICE servers that the platform does not take are refused', () => {
  const driver = openDriver(new MemoryDriver(), 'alice')
  const options = { driver, frames, iceServers: [{ urls: 'not-a-url' }] }
  for (const create of [
    () => new Mesh({ ...options, room: 'room', id: 'alice' }),
    () => new Sender(options),
    () => new Receiver(options),
  ]) {
    expect(create).toThrow('"iceServers" expected')
  }
})

test.each([
  ['of its driver', {}, ['turn:driver.example'], 'relay'],
  ['of its own', { iceServers: [{ urls: 'turn:own.example' }] }, ['turn:own.example'], 'relay'],
  ['of its own, which are none', { iceServers: [] }, [], 'relay'],
  [
    'of its driver, by its own policy',
    { iceTransportPolicy: 'all' },
    ['turn:driver.example'],
    'all',
  ],
] as const)('[S121] a peer uses the servers %s', async (_name, own, urls, policy) => {
  const driver: SealedDriver = Object.assign(openDriver(new MemoryDriver(), 'alice'), {
    iceServers: () => [{ urls: 'turn:driver.example', username: 'alice', credential: 'fresh' }],
    iceTransportPolicy: 'relay' as const,
  })
  // Without WebRTC no list is checked: a function is a list that comes later.
  const { iceServers } = own as { iceServers?: readonly RTCIceServer[] }
  const options = { ...own, ...(iceServers && { iceServers: () => iceServers }) }
  vi.stubGlobal(
    'RTCPeerConnection',
    class {
      close(): void {}
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  const session = new SignalSession({ driver, frames, ...options }, events)
  const set: RTCConfiguration[] = []
  await session.environment.iceServers.renew({
    connectionState: 'new',
    getConfiguration: () => ({}),
    setConfiguration: (configuration: RTCConfiguration) => set.push(configuration),
  } as unknown as RTCPeerConnection)
  expect(set[0]?.iceServers?.map((server) => server.urls) ?? []).toEqual(urls)
  expect(set[0]?.iceTransportPolicy).toBe(policy)
})

test('[S3, S12] a mesh drops messages that claim another sender, are malformed, or come from strangers', async () => {
  const handlers: ((message: unknown, from: string) => void)[] = []
  const driver: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: (_namespace, handler) => void handlers.push(handler),
    off: () => undefined,
    emit: () => Promise.reject(new Error('nobody was to be answered')),
  }
  const errors: unknown[] = []
  const mesh = new Mesh({ driver, frames, room: 'room', id: 'alice' })
  mesh.on('error', (event) => errors.push(event))
  const told: string[] = []
  mesh.on('dropped', ({ reason }) => told.push(reason))
  await expect.poll(() => handlers.length).toBe(2)
  for (const handler of handlers) {
    handler({ type: 'invoke', id: 'bob', connection: 'c' }, 'eve')
    handler({ type: 'nonsense', id: 'eve' }, 'eve')
    handler({ type: 'invoke', id: 'eve', connection: 'c' }, 'eve')
    handler({ type: 'sync', id: 'eve', connection: 'c', negotiation: 0, restart: true }, 'eve')
    handler({ type: 'invoke', id: 'alice', connection: 'c' }, 'alice')
  }
  expect(Object.fromEntries(mesh.drops)).toEqual({
    'not-authentic': 2,
    malformed: 2,
    'unknown-peer': 4,
    reflected: 2,
  })
  expect(told).toHaveLength(10)
  expect(mesh.peers).toEqual([])
  expect(errors).toEqual([])
  await mesh.close()
})

test('[S13] a peer with a malformed id is not added', async () => {
  const network = new MemoryNetwork(() => 'deliver')
  const driver = openDriver(network.driver('alice'), 'alice')
  const mesh = new Mesh({ driver, frames, room: 'room', id: 'alice', maxPeers: 0 })
  expect(() => mesh.addPeer('alice')).toThrow(TypeError)
  expect(() => mesh.addPeer('')).toThrow(TypeError)
  expect(() => mesh.addPeer('bob')).toThrow(
    expect.objectContaining({ code: 'ERR_P2P_TOO_MANY_PEERS', details: { limit: 0 } }),
  )
  mesh.removePeer('nobody')
  await mesh.close()
  await mesh.close()
  expect(() => mesh.addPeer('bob')).toThrow(expect.objectContaining({ code: 'ERR_P2P_CLOSED' }))
  expect(() => mesh.setTrack('camera', 'video', null)).toThrow(
    expect.objectContaining({ code: 'ERR_P2P_CLOSED' }),
  )
})

/** A driver that listens when the returned function says so, or fails to. */
const slowDriver = () => {
  let settle = (_error?: Error): void => undefined
  const listening = new Promise<void>((resolve, reject) => {
    settle = (error) => (error === undefined ? resolve() : reject(error))
  })
  const emitted: unknown[] = []
  const driver: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: () => listening,
    off: () => undefined,
    emit: (_namespace, message) => void emitted.push(message),
  }
  return { driver, emitted, settle }
}

const started = [
  ['a sender', (options: PeerOptions) => new Sender(options)],
  ['a receiver', (options: PeerOptions) => new Receiver(options)],
] as const

test.each(started)(
  '[S36] %s that is stopped while it starts says nothing later',
  async (_, create) => {
    const clock = new VirtualClock()
    const { driver, emitted, settle } = slowDriver()
    const peer = create({ driver, frames, clock })
    const starting = peer.start({ room: 'room' })
    expect(peer.active).toBe(true)
    const stopping = peer.stop()
    expect(peer.active).toBe(false)
    settle()
    await Promise.all([starting, stopping])
    clock.advance(60_000)
    expect(clock.pending).toBe(0)
    expect(emitted).toEqual([])
  },
)

test.each(started)(
  '[S36] %s whose driver cannot listen is stopped, and can start again',
  async (_, create) => {
    const { driver, settle } = slowDriver()
    const peer = create({ driver, frames, clock: new VirtualClock() })
    settle(new Error('no network'))
    await expect(peer.start({ room: 'room' })).rejects.toThrow('no network')
    expect(peer.active).toBe(false)
    await expect(peer.start({ room: 'room' })).rejects.toThrow('no network')
  },
)

test('[S36] a receiver asks the room at once, after 1, 2, 4, 8, 16, and then each 30 seconds', async () => {
  const clock = new VirtualClock()
  const startMs = clock.now()
  const askedAtMs: number[] = []
  const driver: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: () => undefined,
    off: () => undefined,
    emit: (namespace, message) => {
      expect(namespace).toEqual(['sender', 'room'])
      expect(message).toEqual({ type: 'invoke', id: 'alice', next: expect.any(String) })
      askedAtMs.push(clock.now() - startMs)
    },
  }
  const receiver = new Receiver({ driver, frames, clock })
  await receiver.start({ room: 'room' })
  for (let second = 0; second < 120; second += 1) {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    clock.advance(1_000)
  }
  expect(askedAtMs).toEqual([0, 1, 3, 7, 15, 31, 61, 91].map((seconds) => seconds * 1_000))
  await receiver.stop()
  expect(clock.pending).toBe(0)
})

test('[S83] open messages are repeated at once when the driver says that its bus is back', async () => {
  const handlers = new Set<() => void>()
  const network = new MemoryNetwork()
  const driver: SealedDriver = {
    ...openDriver(network.driver('alice'), 'alice'),
    onReconnect: (handler) => {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
  }
  const clock = new VirtualClock()
  await network.driver('bob').on(['sender', 'room'], () => undefined)
  const receiver = new Receiver({ driver, frames, clock })
  await receiver.start({ room: 'room' })
  await expect.poll(() => network.log.length).toBe(1)
  expect(handlers.size).toBe(1)
  for (const handler of handlers) handler()
  // The virtual clock stands still: nothing else repeats it.
  await expect.poll(() => network.log.length).toBe(2)
  await receiver.stop()
  expect(handlers.size).toBe(0)
})

test('[S36] a receiver asks each peer that the driver says hears it, once it listens itself', async () => {
  const handlers = new Set<(peer: string) => void>()
  const { driver: slow, settle } = slowDriver()
  const emitted: unknown[] = []
  const driver: SealedDriver = {
    ...slow,
    emit: (namespace) => void emitted.push(namespace),
    onJoined: (handler) => {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
  }
  const receiver = new Receiver({ driver, frames, clock: new VirtualClock() })
  const starting = receiver.start({ room: 'room' })
  expect(handlers.size).toBe(1)
  for (const handler of handlers) handler('bob')
  settle()
  await starting
  await expect.poll(() => emitted).toEqual([['sender', 'room']])
  for (const handler of handlers) handler('carol')
  await expect
    .poll(() => emitted)
    .toEqual([
      ['sender', 'room'],
      ['sender', 'room', 'carol'],
    ])
  await receiver.stop()
  expect(handlers.size).toBe(0)
})

test('[S99] a sender that can make no channels refuses them', async () => {
  const { driver } = slowDriver()
  const sender = new Sender({ driver, frames })
  const options = { room: 'room', channels: { chat: { ordered: true } } }
  await expect(sender.start(options)).rejects.toThrow('"channels" expected the Sender of')
  expect(sender.active).toBe(false)
})

test('[S85] the end waits until what was said has left, and a second for a driver that does not answer', async () => {
  const clock = new VirtualClock()
  const leave: (() => void)[] = []
  const driver: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: () => undefined,
    off: () => undefined,
    emit: () => new Promise<void>((resolve) => leave.push(resolve)),
  }
  const sender = new Sender({ driver, frames, clock })
  for (const answers of [true, false]) {
    await sender.start({ room: 'room' })
    await expect.poll(() => leave.length).toBe(1)
    let isStopped = false
    const stopped = sender.stop().then(() => (isStopped = true))
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(isStopped).toBe(false)
    if (answers) leave.pop()?.()
    else clock.advance(1_000)
    await stopped
  }
})
