import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChannelEvents, SealedDriver, TypedEventTarget } from '@conclave/p2p'
import { Receiver, Sender } from '@conclave/p2p/channels'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { until } from '../support/bench.ts'
import { TestData, outcome } from '../support/data.ts'
import { TestFrames } from '../support/frames.ts'
import { numberedDriver } from '../support/numbered-driver.ts'

const room = 'demo-room'
let network: MemoryNetwork
let ends: (() => unknown)[]
beforeEach(() => {
  network = new MemoryNetwork(() => 'deliver')
  ends = []
})
afterEach(async () => {
  await Promise.all(ends.map((end) => end()))
})

const driverOf = (id: string): SealedDriver => {
  const frames = new TestFrames()
  ends.push(() => frames.close())
  return { ...numberedDriver(network.driver(id), id), frames, data: new TestData(id) }
}

type Peer = Sender | Receiver
interface Log {
  readonly opened: ChannelEvents['channel:open'][]
  readonly closed: ChannelEvents['channel:close'][]
  readonly messages: ChannelEvents['channel:message'][]
  readonly errors: ChannelEvents['channel:error'][]
}

const logOf = (peer: Peer): Log => {
  const log: Log = { opened: [], closed: [], messages: [], errors: [] }
  // The compiler does not see that both have these events.
  const events = peer as unknown as TypedEventTarget<ChannelEvents>
  events.addEventListener('channel:open', ({ detail }) => log.opened.push(detail))
  events.addEventListener('channel:close', ({ detail }) => log.closed.push(detail))
  events.addEventListener('channel:message', ({ detail }) => log.messages.push(detail))
  events.addEventListener('channel:error', ({ detail }) => log.errors.push(detail))
  ends.push(() => peer.stop())
  return log
}

const told = ({ messages }: Log): readonly string[] =>
  messages.map(({ id, channel, data }) => `${id} ${channel.label}: ${String(data)}`)

test('[S99, S100] a sender makes channels, and both sides send texts and bytes, to one or to all', async () => {
  const sender = new Sender({ driver: driverOf('alice') })
  const bob = new Receiver({ driver: driverOf('bob') })
  const carol = new Receiver({ driver: driverOf('carol') })
  const [alices, bobs, carols] = [logOf(sender), logOf(bob), logOf(carol)]
  await sender.start({ room, channels: { chat: { ordered: true }, moves: { ordered: false } } })
  await bob.start({ room })
  await carol.start({ room })
  await until('all are open', () =>
    [alices, bobs, carols].every(({ opened }, at) => opened.length === (at === 0 ? 4 : 2)),
  )
  expect(bobs.opened.map(({ id, channel }) => [id, channel.label, channel.reliable])).toEqual([
    ['alice', 'chat', true],
    ['alice', 'moves', false],
  ])
  await sender.send('to all', { channel: 'chat' })
  await sender.send('to bob', { peer: 'bob', channel: 'chat' })
  await sender.send('', { peer: 'bob', channel: 'chat' })
  await sender.send(Uint8Array.of(1, 2), { peer: 'bob', channel: 'chat' })
  await until('bob has all', () => bobs.messages.length === 4)
  expect(told(bobs)).toEqual([
    'alice chat: to all',
    'alice chat: to bob',
    'alice chat: ',
    'alice chat: 1,2',
  ])
  expect(bobs.messages[3]?.data).toEqual(Uint8Array.of(1, 2))
  await until('carol has hers', () => carols.messages.length === 1)
  await bob.send('from bob', { channel: 'chat' })
  await carols.messages[0]?.channel.send('an answer')
  await until('alice has both', () => alices.messages.length === 2)
  expect([...told(alices)].toSorted()).toEqual(['bob chat: from bob', 'carol chat: an answer'])
  await sender.send('quick', { channel: 'moves', peer: 'carol' })
  await until('it is there', () => carols.messages.length === 2)
  expect(told(carols)[1]).toBe('alice moves: quick')
  expect(JSON.stringify(network.log)).not.toContain('moves')
})

test('[S105] without a track there is no media, and one that comes later is offered on the same connection', async () => {
  const driver = driverOf('alice')
  const sender = new Sender({ driver })
  const bob = new Receiver({ driver: driverOf('bob') })
  const [, bobs] = [logOf(sender), logOf(bob)]
  const streams: MediaStream[] = []
  bob.addEventListener('stream', ({ detail }) => streams.push(detail.stream))
  await sender.start({ room, channels: { chat: { ordered: true } } })
  await bob.start({ room })
  await until('the channel is open', () => bobs.opened.length === 1)
  const connection = sender.connections.get('bob')
  expect(connection?.getTransceivers()).toEqual([])
  expect(driver.frames).toMatchObject({ sending: [] })
  const canvas = document.createElement('canvas')
  canvas.getContext('2d')
  const [track = null] = canvas.captureStream(5).getVideoTracks()
  ends.push(() => track?.stop())
  sender.setTrack('camera', 'video', track)
  await until('a stream', () => streams[0]?.getVideoTracks().length === 1)
  expect(sender.connections.get('bob')).toBe(connection)
  expect(driver.frames).toMatchObject({ sending: [connection] })
})

test('[S99] the end of a connection closes its channels, and nothing more is sent', async () => {
  const sender = new Sender({ driver: driverOf('alice') })
  const bob = new Receiver({ driver: driverOf('bob') })
  const [alices, bobs] = [logOf(sender), logOf(bob)]
  await sender.start({ room, channels: { chat: {} } })
  await bob.start({ room })
  await until('open', () => alices.opened.length + bobs.opened.length === 2)
  await bob.stop()
  await until('closed', () => alices.closed.length + bobs.closed.length === 2)
  expect(alices.closed[0]).toEqual(alices.opened[0])
  expect(await outcome(sender.send('late', { peer: 'bob' }))).toBe('ERR_P2P_DATA_CLOSED')
  expect(await outcome(alices.opened[0]?.channel.send('late') ?? Promise.resolve())).toBe(
    'ERR_P2P_DATA_CLOSED',
  )
  expect(await outcome(sender.send('to nobody'))).toBe('sent')
  await bob.start({ room })
  await until('open again', () => alices.opened.length + bobs.opened.length === 4)
})

test('[S99] a message to all that one peer cannot get is an error of its channel', async () => {
  const sender = new Sender({ driver: driverOf('alice') })
  const bob = new Receiver({ driver: driverOf('bob') })
  const alices = logOf(sender)
  logOf(bob)
  await sender.start({ room, channels: { chat: {} } })
  await bob.start({ room })
  await until('open', () => alices.opened.length === 1)
  await sender.send('x'.repeat(2 ** 20))
  expect(alices.errors.map(({ id, channel, error }) => [id, channel.label, error.code])).toEqual([
    ['bob', 'chat', 'ERR_P2P_DATA_TOO_LARGE'],
  ])
  expect(await outcome(sender.send('x'.repeat(2 ** 20), { peer: 'bob' }))).toBe(
    'ERR_P2P_DATA_TOO_LARGE',
  )
  expect(await outcome(sender.send('\ud800', { peer: 'bob' }))).toBe('TypeError')
})

test('[S99] channels that are malformed, too many, or without a protector end the start', async () => {
  const { data, ...bare } = driverOf('alice')
  expect(data).toBeDefined()
  expect(() => new Receiver({ driver: bare })).toThrow(TypeError)
  const without = new Sender({ driver: bare })
  expect(await outcome(without.start({ room, channels: { chat: {} } }))).toBe('TypeError')
  expect(without.active).toBe(false)
  const sender = new Sender({ driver: driverOf('bob') })
  expect(await outcome(sender.start({ room, channels: { '': {} } }))).toBe('TypeError')
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`c${index}`, {}]))
  expect(await outcome(sender.start({ room, channels: many }))).toBe('RangeError')
  await sender.start({ room })
  ends.push(() => sender.stop())
  expect(sender.active).toBe(true)
})

test('[S100] messages in channels that nobody made, of another kind, or of no form are dropped', async () => {
  const alice = driverOf('alice')
  const protector = alice.data as TestData
  const sender = new Sender({ driver: alice })
  const bob = new Receiver({ driver: driverOf('bob') })
  const [alices, bobs] = [logOf(sender), logOf(bob)]
  await sender.start({ room, channels: { chat: {} } })
  await bob.start({ room })
  await until('open', () => alices.opened.length + bobs.opened.length === 2)
  const { seal } = TestData.prototype
  // Under the sequence that the honest record has.
  const instead = async (label: string, content: readonly number[]): Promise<void> => {
    protector.seal = async (place, bytes) => {
      const name = new TextEncoder().encode(label)
      const head = [...bytes.slice(0, 8), 0, name.length, ...name, 0, 0, 0, content.length]
      return seal.call(protector, place, Uint8Array.from([...head, ...content]))
    }
    await sender.send('anything', { peer: 'bob' })
  }
  await instead('elsewhere', [1, 65])
  await until('unknown', () => bob.drops.get('data-unexpected') === 1)
  await instead('chat', [0, 0])
  await until('made twice', () => bob.drops.get('data-unexpected') === 2)
  await instead('chat', [3, 65])
  await instead('chat', [])
  await instead('chat', [1, 255])
  await instead('new', [0, 9])
  await until('malformed', () => bob.drops.get('data-malformed') === 4)
  protector.seal = seal
  await sender.send('it goes on', { peer: 'bob' })
  await until('it is there', () => bobs.messages.length === 1)
  expect(told(bobs)).toEqual(['alice chat: it goes on'])
  expect(bobs.opened).toHaveLength(1)
})
