/** Messages are lost, repeated, reordered and forged: this driver believes every id, as if a member did it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CandidateMessage, OfferMessage, SignalMessage } from '@conclave/p2p'
import { Bench, ROOM, expectPicture, framesDecoded, openDriver, until } from '../support/bench.ts'
import type { Peer } from '../support/bench.ts'

const TO_ALICE = ['sender', ROOM, 'alice'] as const
const TO_BOB = ['receiver', ROOM, 'bob'] as const

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(async () => bench.close())

/** `alice` sends a picture to `bob`, and nothing comes back. */
const oneWay = async (): Promise<readonly [Peer, Peer]> => {
  const alice = await bench.peer('alice', { sealed: false })
  const bob = await bench.peer('bob', { sealed: false })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.introduce(alice, bob)
  return [alice, bob]
}

const typeOf = (message: unknown): string => (message as SignalMessage).type

/** How many connections a peer has made for sending. */
const made = (peer: Peer): number => new Set(peer.frames.sending).size

test('[S15] only sending sides offer, and only receiving sides answer', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  await until('both', () => alice.states.includes('bob receive connected'))
  const routes = bench.network.log.map(
    ({ message, namespace }) => `${typeOf(message)} to ${namespace[0]}`,
  )
  expect(routes).not.toContain('offer to sender')
  expect(routes).not.toContain('answer to receiver')
  expect(routes).not.toContain('invoke to receiver')
})

test('[S16] two invitations at once make one connection', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const before = made(alice)
  const invoke = { type: 'invoke', id: 'bob', connection: 'another' }
  bench.network.inject(TO_ALICE, invoke)
  bench.network.inject(TO_ALICE, invoke)
  bench.network.inject(TO_ALICE, invoke)
  await until('replaced', () => made(alice) > before)
  await until('answered', () => bench.messages('alice', 'offer').length > 1)
  expect(made(alice)).toBe(before + 1)
  const names = bench.messages('alice', 'offer').map((each) => (each as OfferMessage).connection)
  expect(new Set(names).size).toBe(2)
})

test('[S16] the latest of two names wins, and an ended name is not used again', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const [first] = bench.messages('bob', 'invoke')
  bench.network.inject(TO_ALICE, { type: 'invoke', id: 'bob', connection: 'second' })
  await until('second', () =>
    bench.messages('alice', 'offer').some((each) => each.connection === 'second'),
  )
  const count = made(alice)
  bench.network.inject(TO_ALICE, first)
  await until('told', () => bench.messages('alice', 'dispose').length > 0)
  expect(bench.messages('alice', 'dispose').at(-1)?.connection).toBe(first?.connection)
  expect(made(alice)).toBe(count)
})

test('[S16] new names are followed at a limited rate', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const before = made(alice)
  for (let index = 0; index < 50; index += 1) {
    bench.network.inject(TO_ALICE, { type: 'invoke', id: 'bob', connection: `flood ${index}` })
  }
  await until('limited', () => (alice.mesh.drops.get('rate') ?? 0) > 40)
  expect(made(alice) - before).toBeLessThanOrEqual(4)
  // Bob heard no offer for what it did not ask, and the other direction goes on.
  expect(bob.mesh.drops.get('stale')).toBeGreaterThan(0)
})

test('[S16] a peer that is removed while its connection is replaced gets no other', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const before = made(alice)
  alice.mesh.on('connection', ({ direction, state }) => {
    if (direction === 'send' && state === 'closed') alice.mesh.removePeer('bob')
  })
  bench.network.inject(TO_ALICE, { type: 'invoke', id: 'bob', connection: 'another' })
  await until('removed', () => alice.mesh.peers.length === 0)
  expect(made(alice)).toBe(before)
})

test('[S17] an answer to another offer changes nothing', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const [answer] = bench.messages('bob', 'answer')
  const before = alice.mesh.drops.get('stale') ?? 0
  bench.network.inject(TO_ALICE, answer)
  bench.network.inject(TO_ALICE, { ...answer, negotiation: 7 })
  bench.network.inject(TO_ALICE, { ...answer, connection: 'other' })
  await until('dropped', () => alice.mesh.drops.get('stale') === before + 3)
  const frames = await framesDecoded(bob, 'alice')
  await until('goes on', async () => (await framesDecoded(bob, 'alice')) > frames)
  expect(alice.errors).toEqual([])
  expect(made(alice)).toBe(1)
})

test('[S18] an offer again is answered again, an older one is not', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  alice.mesh.setTrack('screen', 'video', bench.picture('black'))
  await expectPicture(bob, 'alice', 'screen')
  const offers = bench.messages('alice', 'offer')
  const answers = bench.messages('bob', 'answer').length
  const connection = bob.mesh.connections('alice').receive
  bench.network.inject(TO_BOB, offers.at(-1))
  await until('answered', () => bench.messages('bob', 'answer').length === answers + 1)
  bench.network.inject(TO_BOB, offers[0])
  await until('dropped', () => (bob.mesh.drops.get('stale') ?? 0) > 0)
  expect(bench.messages('bob', 'answer')).toHaveLength(answers + 1)
  expect(bench.messages('bob', 'answer').at(-1)).toMatchObject({ negotiation: 2 })
  expect(bob.mesh.connections('alice').receive).toBe(connection)
  expect(bob.tracks.size).toBe(2)
})

test('[S18, S23] an offer that cannot be applied ends the connection, and another is asked for', async () => {
  const [, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const [offer] = bench.messages('alice', 'offer')
  bench.network.inject(TO_BOB, { ...offer, negotiation: 9, sdp: 'v=nonsense' })
  await until('reported', () => bob.errors.includes('ERR_P2P_NEGOTIATION_FAILED'))
  await until('ended', () => !bob.tracks.has('alice camera'))
  await expectPicture(bob, 'alice')
  expect(bob.errors).toEqual(['ERR_P2P_NEGOTIATION_FAILED'])
})

test('[S19] candidates that come before their offer wait for it', async () => {
  const alice = await bench.peer('alice', { sealed: false })
  const bob = await bench.peer('bob', { sealed: false })
  alice.mesh.setTrack('camera', 'video', bench.picture())
  bench.network.fate = ({ from, message }) =>
    from === 'alice' && typeOf(message) === 'offer' ? 'hold' : 'deliver'
  bench.introduce(alice, bob)
  await until('held', () => bench.network.pending.length > 0)
  await until('candidates', () => bench.messages('alice', 'candidate').length > 0)
  await until('they arrived', () => bob.mesh.connections('alice').receive !== undefined)
  bench.network.fate = () => 'deliver'
  // The first offer has no candidates in it: it was made before there were any.
  expect(
    bench.network.pending.map(({ message }) => (message as OfferMessage).sdp).join(),
  ).not.toContain('a=candidate')
  bench.network.deliver(0)
  await expectPicture(bob, 'alice')
  expect(bob.mesh.drops.get('stale')).toBeUndefined()
})

test('[S19, S116] candidates of no use are dropped and counted', async () => {
  const [, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const candidate = bench.messages('alice', 'candidate')[0] as CandidateMessage
  const [one] = candidate.candidates
  bench.network.inject(TO_BOB, { ...candidate, connection: 'other' })
  bench.network.inject(TO_BOB, {
    ...candidate,
    candidates: ['candidate:1 1 udp 1 10.0.0.1 5000 typ nonsense', 'candidate:nonsense'].map(
      (text) => ({ ...one, candidate: text }),
    ),
  })
  await until('dropped', () => bob.mesh.drops.get('stale') === 2)
  expect(bob.mesh.drops.get('address')).toBe(1)
  const flood = Array.from({ length: 24 }, () => one)
  for (let index = 0; index < 12; index += 1) {
    bench.network.inject(TO_BOB, { ...candidate, ice: 99, candidates: flood })
  }
  await until('overflow', () => bob.mesh.drops.get('overflow') === 12 * 24 - 256)
  expect(bob.errors).toEqual([])
})

test('[S20] a sync for a connection that no longer exists is answered with dispose', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  bench.network.inject(TO_ALICE, {
    type: 'sync',
    id: 'bob',
    connection: 'gone',
    negotiation: 3,
    restart: true,
  })
  await until('told', () => bench.messages('alice', 'dispose').length > 0)
  expect(bench.messages('alice', 'dispose')).toEqual([
    { type: 'dispose', id: 'alice', connection: 'gone' },
  ])
  expect(made(alice)).toBe(1)
})

test('[S21] a section keeps its label', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const offer = bench.messages('alice', 'offer')[0] as OfferMessage
  const swapped = offer.tracks.map((track) => ({
    ...track,
    label: track.label === 'camera' ? 'screen' : track.label,
  }))
  bench.network.inject(TO_BOB, { ...offer, negotiation: 2, tracks: swapped })
  await until('dropped', () => bob.mesh.drops.get('unexpected') === 1)
  expect(bob.tracks.has('alice camera')).toBe(true)
  expect(alice.errors).toEqual([])
})

test('[S21] sections that are not described are not received', async () => {
  const bob = await bench.peer('bob', { sealed: false })
  const invited = new Promise<SignalMessage>((resolve) => {
    const driver = openDriver(bench.network.driver('eve'), 'eve')
    void driver.on(['sender', ROOM, 'eve'], (message) => {
      if (typeOf(message) === 'invoke') resolve(message as SignalMessage)
    })
  })
  bob.mesh.addPeer('eve')
  const { connection } = await invited
  const pc = new RTCPeerConnection()
  pc.addTransceiver('audio', { direction: 'sendonly' })
  pc.addTransceiver(bench.picture(), { direction: 'sendonly' })
  pc.addTransceiver(bench.picture(), { direction: 'sendonly' })
  await pc.setLocalDescription()
  bench.network.inject(['receiver', ROOM, 'bob'], {
    type: 'offer',
    id: 'eve',
    connection,
    negotiation: 1,
    ice: 1,
    sdp: pc.localDescription?.sdp,
    // The second section is said to be of another kind than it is, the third is not mentioned.
    tracks: [
      { mid: '0', label: 'microphone', kind: 'audio', active: true },
      { mid: '1', label: 'screen-audio', kind: 'audio', active: true },
    ],
    keys: '',
  })
  await until('answered', () => bob.tracks.has('eve microphone'))
  const directions = bob.mesh
    .connections('eve')
    .receive?.getTransceivers()
    .map((each) => each.currentDirection)
  expect(directions).toEqual(['recvonly', 'inactive', 'inactive'])
  expect([...bob.tracks.keys()]).toEqual(['eve microphone'])
  expect(bob.frames.receiving).toEqual(['microphone'])
  pc.close()
})

test('[S9] a message that only the other side may send is dropped', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const [offer] = bench.messages('alice', 'offer')
  bench.network.inject(TO_ALICE, { ...offer, id: 'bob' })
  bench.network.inject(TO_BOB, { type: 'invoke', id: 'alice', connection: 'c' })
  bench.network.inject(TO_BOB, { ...bench.messages('bob', 'answer')[0], id: 'alice' })
  await until('dropped', () => bob.mesh.drops.get('unexpected') === 2)
  expect(alice.mesh.drops.get('unexpected')).toBe(1)
})

test('[S14] a flood of one peer is bounded', async () => {
  const [alice, bob] = await oneWay()
  await expectPicture(bob, 'alice')
  const answer = { ...bench.messages('bob', 'answer')[0], negotiation: 5 }
  const before = alice.mesh.drops.get('stale') ?? 0
  // A message that takes its time lets the others wait.
  alice.mesh.setTrack('screen', 'video', bench.picture('black'))
  for (let index = 0; index < 2_000; index += 1) bench.network.inject(TO_ALICE, answer)
  await until('some were too many', () => (alice.mesh.drops.get('overflow') ?? 0) > 0)
  await until('the others were handled', () => (alice.mesh.drops.get('stale') ?? 0) > before + 100)
  await expectPicture(bob, 'alice', 'screen')
  expect(alice.errors).toEqual([])
})
