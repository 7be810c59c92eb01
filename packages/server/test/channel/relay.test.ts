import {
  createTestRoom,
  MemoryClient,
  randomMessage,
  randomParticipant,
} from '@conclave/server/testing'
import { encodeDataFrame, idToBytes, UNKNOWN_MESSAGE_ID } from '@conclave/wire'
import { expect, test } from 'vitest'
import { bytes, createTestHub, gather, gatherThree } from '../support.ts'

test('[H18] a publish reaches everyone else in the room, and no one outside', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  const outsider = new MemoryClient(hub)
  await outsider.join(await createTestRoom())
  const stranger = new MemoryClient(hub)
  await alice.publish(bytes('sealed'))
  for (const other of [bob, eve])
    expect(other.delivered.map(({ payload }) => payload)).toEqual([bytes('sealed')])
  for (const other of [alice, outsider, stranger]) expect(other.delivered).toEqual([])
})

test('[H18] a publish to one session reaches only that session; one to the sender itself reaches none', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  await alice.publish(bytes('to bob'), { to: bob.participant })
  await alice.publish(bytes('to alice'), { to: alice.participant })
  expect(bob.delivered).toMatchObject([{ from: alice.participant, payload: bytes('to bob') }])
  expect([...eve.delivered, ...alice.delivered]).toEqual([])
})

test('[H19] the sender of a deliver is who published it', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  await alice.publish(bytes('1'))
  await eve.publish(bytes('2'))
  expect(bob.delivered.map(({ from }) => from)).toEqual([alice.participant, eve.participant])
  const forged = encodeDataFrame({
    type: 'deliver',
    channel: eve.channel,
    position: 3n,
    id: randomMessage(),
    from: alice.participant,
    payload: bytes('forged'),
  })
  await eve.connection.receive(forged)
  expect(bob.delivered).toHaveLength(2)
  expect(eve.heard('refused')).toMatchObject([{ reason: 'malformed' }])
})

test('[H20] all members see one order, and publishers learn their places', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  await Promise.all(
    [alice, bob, alice, bob, alice].map((client, index) =>
      client.publish(new Uint8Array([index + 1])),
    ),
  )
  expect(eve.delivered.map(({ position, payload }) => [position, payload[0]])).toEqual([
    [1n, 1],
    [2n, 2],
    [3n, 3],
    [4n, 4],
    [5n, 5],
  ])
  expect(alice.acks.map(({ position }) => position)).toEqual([1n, 3n, 5n])
  expect(bob.acks.map(({ position }) => position)).toEqual([2n, 4n])
  expect(alice.acks.map(({ channel }) => channel)).toEqual(Array(3).fill(eve.channel))
})

test('[H21] a repeated message is acknowledged again and delivered once', async () => {
  const { hub } = createTestHub()
  const { alice, bob, eve } = await gatherThree(hub)
  const id = randomMessage()
  for (let times = 0; times < 3; times += 1) await alice.publish(bytes('once'), { id })
  expect(bob.delivered).toHaveLength(1)
  expect(alice.acks.map((ack) => [ack.id, ack.position])).toEqual(Array(3).fill([id, 1n]))
  await eve.publish(bytes('another sender, the same id'), { id })
  expect(bob.delivered).toHaveLength(2)
})

test('[H21] a message repeated over a new connection of the same session is delivered once', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob } = await gatherThree(hub)
  const id = await alice.publish(bytes('once'))
  alice.close(1006)
  const { session } = alice
  const again = new MemoryClient(hub, { session })
  await again.join(room)
  await again.publish(bytes('once'), { id })
  expect(bob.delivered).toHaveLength(1)
  expect(again.acks).toMatchObject([{ id, position: 1n }])
})

test('[H22] a message that is not relayed is refused with its reason, and the connection is kept', async () => {
  const { hub } = createTestHub({ limits: { maxPayloadBytes: 100 } })
  const { alice, bob } = await gatherThree(hub)
  const refusals = (): string[] => alice.heard('refused').map(({ id, reason }) => `${id} ${reason}`)
  const frame = {
    type: 'publish',
    channel: alice.channel,
    to: undefined,
    payload: new Uint8Array(100),
  } as const

  const tooLarge = await alice.publish(new Uint8Array(101))
  const unknown = await alice.publish(new Uint8Array(1), { channel: (alice.channel ^ 1) >>> 0 })
  const absent = await alice.publish(new Uint8Array(1), { to: randomParticipant() })
  const cut = randomMessage()
  await alice.connection.receive(encodeDataFrame({ ...frame, id: cut }).subarray(0, 48))
  await alice.connection.receive(new Uint8Array(31).fill(255))
  await alice.connection.receive('not json')
  await alice.connection.receive(`"${'x'.repeat(33_000)}"`)
  expect(refusals()).toEqual([
    `${tooLarge} too-large`,
    `${unknown} unknown-channel`,
    `${absent} absent`,
    `${cut} malformed`,
    `${UNKNOWN_MESSAGE_ID} malformed`,
    `${UNKNOWN_MESSAGE_ID} malformed`,
    `${UNKNOWN_MESSAGE_ID} too-large`,
  ])
  expect(bob.delivered).toEqual([])
  expect(alice.end).toBeUndefined()
  await alice.connection.receive(encodeDataFrame({ ...frame, id: randomMessage() }))
  expect(bob.delivered).toHaveLength(1)
  expect(hub.stats().dropped).toEqual({
    rate: 0,
    'too-large': 2,
    absent: 1,
    'unknown-channel': 1,
    malformed: 3,
    denied: 0,
    unavailable: 0,
  })
})

test('[H22] a room that was left is an unknown channel', async () => {
  const { hub } = createTestHub()
  const { room, alice, bob } = await gatherThree(hub)
  const { channel } = alice
  await alice.say({ type: 'leave', room: room.id })
  const id = await alice.publish(bytes('too late'), { channel })
  expect(alice.heard('refused')).toEqual([{ type: 'refused', id, reason: 'unknown-channel' }])
  expect(bob.delivered).toEqual([])
})

test('[H19] the bytes of a deliver are the publish with another type, position and peer', async () => {
  const { hub } = createTestHub()
  const { clients } = await gather(hub, 2)
  const [alice, bob] = clients
  const id = await alice?.publish(bytes('as it is'))
  expect(bob?.delivered).toEqual([
    {
      type: 'deliver',
      channel: alice?.channel,
      position: 1n,
      id,
      from: alice?.participant,
      payload: bytes('as it is'),
    },
  ])
  expect(idToBytes(bob?.delivered[0]?.from ?? randomParticipant())).toHaveLength(16)
})
