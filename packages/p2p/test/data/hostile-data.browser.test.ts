import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ProtectedData, SignalDropReason } from '@conclave/p2p'
import { Bench, until } from '../support/bench.ts'
import { TestData, dataPeer, opened, outcome, watchChannels } from '../support/data.ts'
import type { DataPeer } from '../support/data.ts'

let bench: Bench
let channels: ReturnType<typeof watchChannels>
beforeEach(() => {
  bench = new Bench()
  channels = watchChannels()
})
afterEach(async () => {
  channels.stop()
  await bench.close()
})

const pair = async (): Promise<readonly [alice: DataPeer, mallory: DataPeer]> => {
  const alice = await dataPeer(bench, 'alice', { media: false })
  const mallory = await dataPeer(bench, 'mallory', { media: false })
  bench.introduce(alice, mallory)
  await Promise.all([opened(alice, 'mallory'), opened(mallory, 'alice')])
  return [alice, mallory]
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const texts = ({ received }: DataPeer): readonly string[] =>
  received.map(({ channel, bytes }) => `${channel}: ${new TextDecoder().decode(bytes)}`)
const dropped = async ({ mesh }: DataPeer, reason: SignalDropReason, count = 1): Promise<void> =>
  until(`dropped as ${reason}`, () => (mesh.drops.get(reason) ?? 0) >= count)

/** The channels in which mallory sends to alice: those of the connection that mallory made. */
const outgoing = ({ mesh }: DataPeer, to: string) => channels.of(mesh.connections(to).send)

/** Mallory sends over whatever connection there is then, and alice takes it; answers with all that alice took before. */
const goOn = async (alice: DataPeer, mallory: DataPeer): Promise<readonly string[]> => {
  mallory.data.forge = undefined
  // What goes into a connection that alice has given up is lost.
  await until('it goes on', async () => {
    await outcome(mallory.mesh.sendData('alice', 'chat', text('after')))
    return texts(alice).includes('chat: after')
  })
  return texts(alice).filter((each) => each !== 'chat: after')
}

test('[S91] a record that comes again changes nothing, in either kind, and the channel goes on', async () => {
  const [alice, mallory] = await pair()
  await mallory.mesh.sendData('alice', 'chat', text('one'))
  await mallory.mesh.sendData('alice', 'moves', text('two'), { reliable: false })
  await until('both are there', () => alice.received.length === 2)
  const before = texts(alice)
  const [reliable, unreliable] = outgoing(mallory, 'alice')
  const [first, second] = mallory.data.sealed
  if (first === undefined || second === undefined) throw new Error('nothing was sealed')
  for (let times = 0; times < 3; times += 1) {
    reliable?.send(first)
    unreliable?.send(second)
  }
  await dropped(alice, 'data-replay', 4)
  await mallory.mesh.sendData('alice', 'chat', text('after'))
  await until('it goes on', () => texts(alice).includes('chat: after'))
  expect(texts(alice)).toEqual([...before, 'chat: after'])
  expect(mallory.told).toEqual(['open alice'])
})

test.each<[string, (place: ProtectedData) => ProtectedData]>([
  ['the other data channel', (place) => ({ ...place, number: 1 - place.number })],
  ['another connection', (place) => ({ ...place, connection: 'an earlier one' })],
  ['another receiver', (place) => ({ ...place, peer: 'bob' })],
])('[S91] a record that was sealed for %s does not open', async (_, change) => {
  const [alice, mallory] = await pair()
  await mallory.mesh.sendData('alice', 'chat', text('before'))
  await until('it is there', () => alice.received.length === 1)
  const { seal } = TestData.prototype
  mallory.data.seal = async (place, bytes) => seal.call(mallory.data, change(place), bytes)
  await mallory.mesh.sendData('alice', 'chat', text('cross-wired'))
  await dropped(alice, 'data-not-authentic')
  mallory.data.seal = seal
  expect(await goOn(alice, mallory)).toEqual(['chat: before'])
})

test('[S91] records that another peer sealed, or the receiver itself, do not open', async () => {
  const [alice, mallory] = await pair()
  const bob = new TestData('bob')
  mallory.data.forge = async (_, place) => bob.seal(place, text('anything'))
  await mallory.mesh.sendData('alice', 'chat', text('as bob'))
  await dropped(alice, 'data-not-authentic')
  await alice.mesh.sendData('mallory', 'chat', text('what alice says'))
  await until('mallory has it', () => mallory.received.length === 1)
  const [own] = alice.data.sealed
  if (own === undefined) throw new Error('nothing was sealed')
  mallory.data.forge = () => own
  await until('the reflected one is dropped', async () => {
    await outcome(mallory.mesh.sendData('alice', 'chat', text('reflected')))
    return (alice.mesh.drops.get('data-not-authentic') ?? 0) >= 2
  })
  expect(await goOn(alice, mallory)).toEqual([])
})

test('[S91, S94] garbage, texts and changed records are counted, and nothing of them is delivered', async () => {
  const [alice, mallory] = await pair()
  const [reliable, unreliable] = outgoing(mallory, 'alice')
  unreliable?.send('a text')
  unreliable?.send(new Uint8Array())
  unreliable?.send(new Uint8Array(300).fill(7))
  await dropped(alice, 'data-malformed')
  await dropped(alice, 'data-not-authentic', 2)
  expect(mallory.told).toEqual(['open alice'])
  reliable?.send(new Uint8Array(300).fill(7))
  await dropped(alice, 'data-not-authentic', 3)
  await until('replaced', () => mallory.told.length >= 3)
  expect(mallory.told.slice(0, 3)).toEqual(['open alice', 'close alice', 'open alice'])
  expect(await goOn(alice, mallory)).toEqual([])
})

test.each<[string, SignalDropReason, readonly number[]]>([
  ['has another format', 'data-malformed', [2, 3, 0, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 0, 0]],
  ['has flags that are none', 'data-malformed', [1, 7, 0, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 0, 0]],
  ['skips a sequence', 'data-gap', [1, 3, 0, 0, 0, 0, 0, 1, 0, 1, 97, 0, 0, 0, 0]],
  ['goes on with a message that did not begin', 'data-malformed', [1, 2, 0, 0, 0, 0, 0, 0, 5]],
  [
    'ends before the message does',
    'data-malformed',
    [1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 0, 9],
  ],
  [
    'has more than the message',
    'data-malformed',
    [1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 97, 0, 0, 0, 0, 5],
  ],
  [
    'announces too long a message',
    'data-malformed',
    [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 97, 255, 0, 0, 0],
  ],
  ['names no channel', 'data-malformed', [1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  [
    'names a channel with a control character',
    'data-malformed',
    [1, 3, 0, 0, 0, 0, 0, 0, 0, 1, 10, 0, 0, 0, 0],
  ],
])(
  '[S90, S91] a member that seals a record that %s is dropped, and connected again',
  async (_, reason, record) => {
    const [alice, mallory] = await pair()
    const { seal } = TestData.prototype
    mallory.data.seal = async (place) => seal.call(mallory.data, place, Uint8Array.from(record))
    await mallory.mesh.sendData('alice', 'chat', text('anything'))
    await dropped(alice, reason)
    mallory.data.seal = seal
    expect(await goOn(alice, mallory)).toEqual([])
  },
)

test('[S89] messages of the receiving side, and channels that it opens, reach nobody', async () => {
  const [alice, mallory] = await pair()
  const { receive, send } = mallory.mesh.connections('alice')
  await until('it is open', () => channels.of(receive)[0]?.readyState === 'open')
  channels.of(receive)[0]?.send('from the wrong side')
  await dropped(alice, 'data-unexpected')
  receive?.createDataChannel('opened in band')
  send?.createDataChannel('opened in band')
  await dropped(alice, 'data-unexpected', 3)
  expect(await goOn(alice, mallory)).toEqual([])
})

test('[S94] a protector that does not seal ends the connection, and the caller hears of it', async () => {
  const [alice, mallory] = await pair()
  alice.data.forge = () => Promise.reject(new Error('no key'))
  expect(await outcome(alice.mesh.sendData('mallory', 'chat', text('one')))).toBe(
    'ERR_P2P_DATA_CLOSED',
  )
  await until('it closed', () => alice.told.includes('close mallory'))
  alice.data.forge = undefined
  await opened(alice, 'mallory')
  await alice.mesh.sendData('mallory', 'chat', text('two'))
  await until('it is there', () => mallory.received.length === 1)
  expect(texts(mallory)).toEqual(['chat: two'])
})
