import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '@conclave/base'
import { Receiver, Sender } from '@conclave/p2p'
import type { Driver, ReceiverEvents } from '@conclave/p2p'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { VirtualClock } from '@conclave/base/testing'
import { Bench, until } from './support/bench.ts'
import { TestFrames } from './support/frames.ts'
import { numberedDriver } from './support/numbered-driver.ts'

const room = 'demo room'

let bench: Bench
let network: MemoryNetwork
let ends: (() => unknown)[]
beforeEach(() => {
  bench = new Bench()
  network = new MemoryNetwork(() => 'deliver')
  ends = []
})
afterEach(async () => {
  for (const end of ends) await end()
  await bench.close()
})

const options = async (
  id: string,
  more: { clock?: Clock; driver?: Driver; maxPeers?: number } = {},
) => {
  const { driver = network.driver(id), ...rest } = more
  const frames = new TestFrames()
  ends.push(() => frames.close())
  return { driver: numberedDriver(driver, id), frames, ...rest }
}

const createSender = async (id: string, more?: Parameters<typeof options>[1]): Promise<Sender> => {
  const sender = new Sender(await options(id, more))
  ends.unshift(() => sender.stop())
  return sender
}

const createReceiver = async (id: string, more?: Parameters<typeof options>[1]) => {
  const receiver = new Receiver(await options(id, more))
  ends.unshift(() => receiver.stop())
  const log: string[] = []
  const streams: ReceiverEvents['stream'][] = []
  receiver.addEventListener('stream', (event) => {
    streams.push(event.detail)
    log.push(`stream ${event.detail.id}`)
  })
  receiver.addEventListener('connect', (event) => log.push(`connect ${event.detail.id}`))
  receiver.addEventListener('dispose', (event) => log.push(`dispose ${event.detail.id}`))
  return { receiver, log, streams }
}

const createStream = (): MediaStream => new MediaStream([bench.picture(), bench.tone()])

const plays = async (stream: MediaStream | undefined): Promise<boolean> => {
  const video = document.createElement('video')
  video.muted = true
  video.srcObject = stream ?? null
  await video.play()
  await until('a size', () => video.videoWidth > 0)
  video.srcObject = null
  return true
}

test('[S38] a receiver that is there first gets the stream, its metadata, and both events', async () => {
  const { receiver, log, streams } = await createReceiver('rob')
  await receiver.start({ room })
  const sender = await createSender('sue')
  const connected: string[] = []
  sender.addEventListener('connect', (event) => connected.push(event.detail.id))
  await sender.start({ room, stream: createStream(), metadata: { name: 'Sue', list: [1] } })
  await until('stream', () => streams.length > 0)
  await until('connect', () => log.includes('connect sue') && connected.includes('rob'))
  expect(streams[0]?.metadata).toEqual({ name: 'Sue', list: [1] })
  expect(streams[0]?.stream.getTracks().map((track) => track.kind)).toHaveLength(2)
  expect(await plays(streams[0]?.stream)).toBe(true)
  expect(log.filter((line) => line.startsWith('stream'))).toEqual(['stream sue'])
  expect([...receiver.connections.keys()]).toEqual(['sue'])
  expect([...sender.connections.keys()]).toEqual(['rob'])
})

test('[S36] receivers and senders find each other in any order, and many of both', async () => {
  const sue = await createSender('sue')
  await sue.start({ room, stream: createStream() })
  const rob = await createReceiver('rob')
  const rex = await createReceiver('rex')
  await Promise.all([rob.receiver.start({ room }), rex.receiver.start({ room })])
  const sam = await createSender('sam')
  await sam.start({ room, stream: createStream() })
  for (const { log } of [rob, rex]) {
    await until('both', () => log.includes('stream sue') && log.includes('stream sam'))
  }
  for (const { streams } of [rob, rex]) {
    for (const { stream } of streams) expect(await plays(stream)).toBe(true)
  }
})

test('[S128] a question is answered with the offer, and one without a name by an announcement', async () => {
  const sender = await createSender('sue')
  await sender.start({ room, stream: createStream() })
  const before = network.log.length
  const { receiver, streams } = await createReceiver('rob')
  await receiver.start({ room })
  await until('stream', () => streams.length > 0)
  const said = network.log.slice(before).map(({ message }) => (message as { type: string }).type)
  expect(said.slice(0, 2)).toEqual(['invoke', 'offer'])
  expect(said).not.toContain('sync')
  expect(said.filter((type) => type === 'invoke')).toHaveLength(1)
})

test('[S128, S15] a name is taken once, and no other: what crosses or comes again makes no second connection', async () => {
  const { receiver, log } = await createReceiver('rob')
  const { driver } = await options('eve')
  const asked: { readonly next?: string; readonly connection?: string }[] = []
  for (const namespace of [
    ['sender', room],
    ['sender', room, 'eve'],
  ]) {
    await driver.on(namespace, (message) => asked.push(message as object))
  }
  await receiver.start({ room })
  await until('the question', () => asked.length > 0)
  const next = asked[0]?.next ?? ''
  const offer = {
    type: 'offer',
    id: 'eve',
    negotiation: 1,
    ice: 1,
    sdp: 'v=0',
    tracks: [],
    keys: '',
  }
  await driver.emit(['receiver', room, 'rob'], { ...offer, connection: 'another' })
  await until('the drop', () => receiver.drops.get('unknown-peer') === 1)
  await driver.emit(['receiver', room, 'rob'], { ...offer, connection: next })
  // It is nothing that a browser can apply: the next connection has another name.
  const isOther = (name?: string): boolean => name !== undefined && name !== next
  await until('another name', () => asked.some(({ connection }) => isOther(connection)))
  await driver.emit(['receiver', room, 'rob'], { type: 'dispose', id: 'eve' })
  await until('the end', () => log.includes('dispose eve'))
  await driver.emit(['receiver', room, 'rob'], { ...offer, connection: next })
  await until('the drop', () => receiver.drops.get('unknown-peer') === 2)
  expect(receiver.connections.size).toBe(0)
})

test('[S36] the question is asked again, so that a lost one does no harm', async () => {
  const clock = new VirtualClock()
  const sender = await createSender('sue', { clock })
  await sender.start({ room, stream: createStream() })
  let lost = 0
  network.fate = () => ((lost += 1) <= 3 ? 'drop' : 'deliver')
  const { receiver, streams } = await createReceiver('rob', { clock })
  await receiver.start({ room })
  await until('stream', () => {
    clock.advance(100)
    return streams.length > 0
  })
  expect(lost).toBeGreaterThan(3)
})

test('[S38] tracks join and leave the stream', async () => {
  const { receiver, log, streams } = await createReceiver('rob')
  await receiver.start({ room })
  const sender = await createSender('sue')
  await sender.start({ room, stream: new MediaStream([bench.tone()]) })
  await until('stream', () => streams.length > 0)
  const stream = streams[0]?.stream
  expect(stream?.getVideoTracks()).toHaveLength(0)
  sender.setTrack('camera', 'video', bench.picture())
  await until('joined', () => stream?.getVideoTracks().length === 1)
  expect(await plays(stream)).toBe(true)
  sender.setTrack('camera', 'video', null)
  await until('left', () => stream?.getVideoTracks().length === 0)
  expect(log.filter((line) => line.startsWith('stream'))).toHaveLength(1)
})

test('[S38] each side is told when the other stops, and both can start again', async () => {
  const { receiver, log, streams } = await createReceiver('rob')
  const sender = await createSender('sue')
  const disposed: string[] = []
  sender.addEventListener('dispose', (event) => disposed.push(event.detail.id))
  await receiver.start({ room })
  await sender.start({ room, stream: createStream() })
  await until('stream', () => streams.length === 1)
  await sender.stop()
  await until('told', () => log.includes('dispose sue'))
  expect(sender.active).toBe(false)
  await sender.start({ room, stream: createStream() })
  await until('again', () => streams.length === 2)
  expect(await plays(streams[1]?.stream)).toBe(true)
  disposed.length = 0
  await receiver.stop()
  await until('told', () => disposed.includes('rob'))
  await receiver.start({ room })
  await until('once more', () => streams.length === 3)
  expect(await plays(streams[2]?.stream)).toBe(true)
})

test('[S37] a peer that vanished counts as gone after 30 seconds', async () => {
  const clock = new VirtualClock()
  const { receiver, log } = await createReceiver('rob', { clock })
  const sender = await createSender('sue', { clock })
  const disposed: string[] = []
  sender.addEventListener('dispose', (event) => disposed.push(event.detail.id))
  await sender.start({ room, stream: createStream() })
  // Nothing of the sending side arrives after its announcement.
  network.fate = ({ from, message }) =>
    from === 'sue' && (message as { type: string }).type !== 'sync' ? 'drop' : 'deliver'
  await receiver.start({ room })
  await until('asked', () => sender.connections.size === 1)
  clock.advance(1_000)
  const isInvited = ({ from, message }: { from: string; message: unknown }): boolean =>
    from === 'rob' && (message as { connection?: string }).connection !== undefined
  await until('invited', () => network.log.some(isInvited))
  clock.advance(28_000)
  expect(disposed).toEqual([])
  clock.advance(2_000)
  expect(disposed).toEqual(['rob'])
  expect(log).toEqual(['dispose sue'])
})

test('[S37, S88] a receiver that is lost for 30 seconds is gone, and told of once', async () => {
  const clock = new VirtualClock()
  const stop = bench.run(clock)
  const sender = await createSender('sue', { clock })
  const { receiver, streams } = await createReceiver('rob')
  const errors: string[] = []
  sender.on('error', ({ error }) => errors.push(error.code))
  await sender.start({ room, stream: createStream() })
  await receiver.start({ room })
  await until('stream', () => streams.length > 0)
  const connection = sender.connections.get('rob')
  await until('connected', () => connection?.connectionState === 'connected')
  stop()
  Object.defineProperty(connection, 'connectionState', { value: 'disconnected' })
  connection?.dispatchEvent(new Event('connectionstatechange'))
  clock.advance(29_999)
  expect([errors, sender.connections.size]).toEqual([[], 1])
  clock.advance(1)
  expect([errors, sender.connections.size]).toEqual([['ERR_P2P_UNREACHABLE'], 0])
})

test('[S13] a sender has no more receivers than it may', async () => {
  const sender = await createSender('sue', { maxPeers: 1 })
  await sender.start({ room, stream: createStream() })
  const rob = await createReceiver('rob')
  await rob.receiver.start({ room })
  await until('stream', () => rob.streams.length > 0)
  const rex = await createReceiver('rex')
  await rex.receiver.start({ room })
  await until('refused', () => (sender.drops.get('too-many-peers') ?? 0) > 0)
  expect(sender.connections.size).toBe(1)
  expect(rex.streams).toEqual([])
})

test('[S36] a question keeps no state', async () => {
  const sender = await createSender('sue')
  await sender.start({ room })
  const { driver } = await options('eve')
  const answers: unknown[] = []
  await driver.on(['receiver', room, 'eve'], (message) => answers.push(message))
  for (let index = 0; index < 200; index += 1) {
    await driver.emit(['sender', room], { type: 'invoke', id: 'eve' })
  }
  await until('answered', () => answers.length === 200)
  expect(answers[0]).toEqual({ type: 'sync', id: 'sue', negotiation: 0, restart: false })
  expect(sender.connections.size).toBe(0)
})

test('[S3] a second start, and metadata that is too long, are mistakes of the caller', async () => {
  const sender = await createSender('sue')
  await expect(sender.start({ room, metadata: 'x'.repeat(5_000) })).rejects.toThrow(TypeError)
  await sender.start({ room })
  await expect(sender.start({ room })).rejects.toThrow(TypeError)
  const { receiver } = await createReceiver('rob')
  await receiver.start({ room })
  await expect(receiver.start({ room })).rejects.toThrow(TypeError)
})

test('[S2, S38] the same over BroadcastChannel', async () => {
  const channels = [1, 2].map(() => new BroadcastChannelDriver('sender receiver test'))
  ends.push(() => channels.forEach((channel) => channel.close()))
  const [first, second] = channels
  const { receiver, streams } = await createReceiver('rob', first && { driver: first })
  const sender = await createSender('sue', second && { driver: second })
  await receiver.start({ room })
  await sender.start({ room, stream: createStream() })
  await until('stream', () => streams.length > 0)
  expect(await plays(streams[0]?.stream)).toBe(true)
})
