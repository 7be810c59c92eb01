import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { MAX_DATA_BYTES, MAX_UNRELIABLE_DATA_BYTES } from '@conclave/p2p'
import type { OfferMessage } from '@conclave/p2p'
import { Bench, until } from '../support/bench.ts'
import { dataPeer, numberOf, numbered, opened, outcome } from '../support/data.ts'
import type { DataPeer } from '../support/data.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

const pair = async (options: { media?: boolean } = {}): Promise<readonly [DataPeer, DataPeer]> => {
  const alice = await dataPeer(bench, 'alice', options)
  const bob = await dataPeer(bench, 'bob', options)
  bench.introduce(alice, bob)
  await Promise.all([opened(alice, 'bob'), opened(bob, 'alice')])
  return [alice, bob]
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const texts = ({ received }: DataPeer): readonly string[] =>
  received.map(({ channel, bytes }) => `${channel}: ${new TextDecoder().decode(bytes)}`)

test('[S89, S90] both sides send in channels of any name and of both kinds, also nothing at all', async () => {
  const [alice, bob] = await pair()
  await alice.mesh.sendData('bob', 'chat', text('hello'))
  await alice.mesh.sendData('bob', 'ä 😀', text('a name'))
  await alice.mesh.sendData('bob', 'chat', new Uint8Array())
  await bob.mesh.sendData('alice', 'chat', text('hello back'))
  await alice.mesh.sendData('bob', 'cursors', text('here'), { reliable: false })
  await until('all is there', () => bob.received.length === 4 && alice.received.length === 1)
  expect(texts(bob).filter((each) => !each.startsWith('cursors'))).toEqual([
    'chat: hello',
    'ä 😀: a name',
    'chat: ',
  ])
  expect(bob.received.find(({ channel }) => channel === 'cursors')).toMatchObject({
    peer: 'alice',
    reliable: false,
  })
  expect(texts(alice)).toEqual(['chat: hello back'])
  expect([...alice.mesh.drops, ...bob.mesh.drops]).toEqual([])
})

test('[S90] a message of up to 1 MiB arrives whole, a longer one is refused, and the channel lives on', async () => {
  const [alice, bob] = await pair()
  const sizes = [300 * 1024, 65_000, 65_001, 130_000, MAX_DATA_BYTES]
  for (const [index, size] of sizes.entries()) {
    await alice.mesh.sendData('bob', 'files', numbered(index, size))
  }
  expect(
    await outcome(alice.mesh.sendData('bob', 'files', new Uint8Array(MAX_DATA_BYTES + 1))),
  ).toBe('ERR_P2P_DATA_TOO_LARGE')
  const unreliable = { reliable: false }
  const most = numbered(9, MAX_UNRELIABLE_DATA_BYTES)
  expect(
    await outcome(
      alice.mesh.sendData('bob', 'x', new Uint8Array(MAX_UNRELIABLE_DATA_BYTES + 1), unreliable),
    ),
  ).toBe('ERR_P2P_DATA_TOO_LARGE')
  expect(await outcome(alice.mesh.sendData('bob', 'x', most, unreliable))).toBe('sent')
  await alice.mesh.sendData('bob', 'chat', text('after'))
  await until('the last one', () => texts(bob).includes('chat: after'))
  const files = bob.received.filter(({ channel }) => channel === 'files')
  expect(files.map(({ bytes }) => bytes.length)).toEqual(sizes)
  expect(files.every(({ bytes }, index) => bytes.slice(4).every((byte) => byte === index))).toBe(
    true,
  )
})

test('[S90] names and bytes that are none are refused', async () => {
  const [alice] = await pair()
  for (const name of ['', 'a\nb', 'x'.repeat(129), '\ud800']) {
    expect(await outcome(alice.mesh.sendData('bob', name, new Uint8Array()))).toBe('TypeError')
  }
  expect(await outcome(alice.mesh.sendData('bob', 'a', 'text' as never))).toBe('TypeError')
})

test('[S92] 400 messages of 60 kB at once arrive in the order of the calls, and small ones between them', async () => {
  const [alice, bob] = await pair()
  const sending = Array.from({ length: 400 }, (_, index) =>
    alice.mesh.sendData('bob', 'load', numbered(index, index % 4 === 3 ? 4 : 60_000)),
  )
  await Promise.all(sending)
  await until('all are there', () => bob.received.length === 400, 60_000)
  expect(bob.received.map(({ bytes }) => numberOf(bytes))).toEqual([...sending.keys()])
  expect([...bob.mesh.drops]).toEqual([])
})

test('[S92] too much at once is refused to the caller, and what was taken arrives', async () => {
  const [alice, bob] = await pair()
  const big = new Uint8Array(MAX_DATA_BYTES)
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, () => outcome(alice.mesh.sendData('bob', 'load', big))),
  )
  expect(outcomes.filter((each) => each === 'sent')).toHaveLength(32)
  expect(outcomes.slice(32)).toEqual(outcomes.slice(32).map(() => 'ERR_P2P_DATA_QUEUE_FULL'))
  await until('they are there', () => bob.received.length === 32, 60_000)
  expect(await outcome(alice.mesh.sendData('bob', 'load', big))).toBe('sent')
})

test('[S92] bytes that change after the call do not change the message', async () => {
  const [alice, bob] = await pair()
  const bytes = text('first')
  const sending = alice.mesh.sendData('bob', 'chat', bytes)
  bytes.fill(0)
  await sending
  await until('it is there', () => bob.received.length === 1)
  expect(texts(bob)).toEqual(['chat: first'])
})

test('[S93] before it is open, without the peer, without a protector and after the end nothing is sent', async () => {
  const alice = await dataPeer(bench, 'alice')
  const bob = await dataPeer(bench, 'bob')
  const carol = await bench.peer('carol')
  const send = (): Promise<string> => outcome(alice.mesh.sendData('bob', 'chat', text('hello')))
  expect(await send()).toBe('ERR_P2P_DATA_CLOSED')
  bench.introduce(alice, bob, carol)
  expect(alice.mesh.canSendData('bob')).toBe(false)
  expect(await send()).toBe('ERR_P2P_DATA_CLOSED')
  await opened(alice, 'bob')
  expect(await send()).toBe('sent')
  await until('carol is connected', () => carol.states.includes('alice receive connected'))
  expect(carol.mesh.canSendData('alice')).toBe(false)
  expect(alice.mesh.canSendData('carol')).toBe(false)
  expect(await outcome(carol.mesh.sendData('alice', 'chat', text('hello')))).toBe(
    'ERR_P2P_DATA_CLOSED',
  )
  alice.mesh.removePeer('bob')
  expect(await send()).toBe('ERR_P2P_DATA_CLOSED')
  expect(alice.told).toEqual(['open bob', 'close bob'])
})

test('[S93] messages that wait when it closes are refused', async () => {
  const [alice] = await pair()
  const sending = Array.from({ length: 30 }, async () =>
    outcome(alice.mesh.sendData('bob', 'load', new Uint8Array(MAX_DATA_BYTES))),
  )
  alice.mesh.removePeer('bob')
  const outcomes = await Promise.all(sending)
  expect(outcomes).toContain('ERR_P2P_DATA_CLOSED')
  expect(new Set(outcomes).size).toBe(1)
})

test('[S118] through a channel that begins to close nothing is sent from that moment on, and its connection is replaced', async () => {
  const channels = new Map<RTCPeerConnection, RTCDataChannel>()
  const { createDataChannel } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const channel = createDataChannel.call(this, label, options)
    channels.set(this, channel)
    return channel
  }
  onTestFinished(() => {
    RTCPeerConnection.prototype.createDataChannel = createDataChannel
  })
  const [alice] = await pair({ media: false })
  const { send } = alice.mesh.connections('bob')
  const channel = send && channels.get(send)
  channel?.close()
  expect(channel?.readyState).toBe('closing')
  expect(alice.mesh.canSendData('bob')).toBe(false)
  expect(await outcome(alice.mesh.sendData('bob', 'a', numbered(1, 4)))).toBe('ERR_P2P_DATA_CLOSED')
  await until('another one', () => alice.told.length === 3)
  expect(alice.told).toEqual(['open bob', 'close bob', 'open bob'])
  expect(alice.mesh.canSendData('bob')).toBe(true)
})

test('[S93] an ICE restart changes nothing', async () => {
  const [alice, bob] = await pair()
  const { send } = alice.mesh.connections('bob')
  window.dispatchEvent(new Event('online'))
  await until('a restart', () =>
    bench.messages('alice', 'offer').some((offer) => (offer as OfferMessage).ice > 1),
  )
  for (let index = 0; index < 50; index += 1) {
    await alice.mesh.sendData('bob', 'chat', numbered(index, 4))
  }
  await until('all are there', () => bob.received.length === 50)
  expect(alice.mesh.connections('bob').send).toBe(send)
  expect(alice.told).toEqual(['open bob'])
})

test.each(['sends', 'receives'])(
  '[S93, S94] a connection that dies at the side that %s is replaced: close, then open, and what is repeated then is all that was missing',
  async (side) => {
    const alice = await dataPeer(bench, 'alice', { media: false })
    const bob = await dataPeer(bench, 'bob', { media: false })
    const count = 300
    const killAt = [57, 131, 250]
    let next = 0
    const kill = (): void => {
      if (side === 'sends') alice.mesh.connections('bob').send?.close()
      else bob.mesh.connections('alice').receive?.close()
    }
    bob.mesh.on('data', ({ bytes }) => {
      const number = numberOf(bytes)
      // Nothing is missing between two messages, whatever comes again.
      expect(number).toBeLessThanOrEqual(next)
      if (number < next) return
      next += 1
      if (killAt[0] !== next) return
      killAt.shift()
      kill()
    })
    // As a layer above does it: a few messages beyond what was confirmed, and after an end what was not.
    let sent = 0
    const pump = (): void => {
      if (!alice.mesh.canSendData('bob')) return
      for (; sent < Math.min(count, next + 8); sent += 1) {
        void outcome(alice.mesh.sendData('bob', 'a', numbered(sent, 500)))
      }
    }
    alice.mesh.on('dataOpen', () => {
      sent = next
      pump()
    })
    bob.mesh.on('data', pump)
    bench.introduce(alice, bob)
    await until('all are there', () => next === count, 40_000)
    const times = alice.told.length
    expect(times).toBe(2 * 3 + 1)
    expect(alice.told).toEqual(
      Array.from({ length: times }, (_, index) => (index % 2 === 0 ? 'open bob' : 'close bob')),
    )
  },
)

test('[S95] a mesh for data only has no media, and needs no frame protector; descriptions name no channel', async () => {
  const [alice, bob] = await pair({ media: false })
  await alice.mesh.sendData('bob', 'a secret name', text('hello'))
  await until('it is there', () => bob.received.length === 1)
  const log = JSON.stringify(bench.network.log)
  expect(log).not.toContain('secret name')
  for (const { sdp, tracks } of bench.messages('alice', 'offer') as readonly OfferMessage[]) {
    expect(tracks).toEqual([])
    expect(sdp.match(/^m=.*/gm)?.map((line) => line.split(' ')[0])).toEqual(['m=application'])
  }
  expect(() => alice.mesh.setTrack('camera', 'video', null)).toThrow(TypeError)
})

test('[S95] one side with media and one without exchange data, and the one without shows nothing', async () => {
  const alice = await dataPeer(bench, 'alice')
  const bob = await dataPeer(bench, 'bob', { media: false })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  await Promise.all([opened(alice, 'bob'), opened(bob, 'alice')])
  await alice.mesh.sendData('bob', 'chat', text('hello'))
  await bob.mesh.sendData('alice', 'chat', text('hello back'))
  await until('both are there', () => alice.received.length + bob.received.length === 2)
  expect(bob.tracks.size).toBe(0)
  expect(bob.frames.receiving).toEqual([])
})

test('[S89] with media, data and media go over the same connections', async () => {
  const [alice, bob] = await pair()
  alice.mesh.setTrack('camera', 'video', bench.picture())
  await until('shown', () => bob.tracks.has('alice camera'))
  await alice.mesh.sendData('bob', 'a secret name', text('hello'))
  await until('it is there', () => bob.received.length === 1)
  const { sdp = '' } = (bench.messages('alice', 'offer').at(-1) ?? {}) as Partial<OfferMessage>
  expect(sdp.match(/^m=application/gm)).toHaveLength(1)
  expect(alice.told).toEqual(['open bob'])
  expect(JSON.stringify(bench.network.log)).not.toContain('secret name')
})
