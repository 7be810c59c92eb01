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
  const { ada, bob, eve } = await gatherThree(hub)
  const outsider = new MemoryClient(hub)
  await outsider.join(await createTestRoom())
  const stranger = new MemoryClient(hub)
  await ada.publish(bytes('sealed'))
  for (const other of [bob, eve])
    expect(other.delivered.map(({ payload }) => payload)).toEqual([bytes('sealed')])
  for (const other of [ada, outsider, stranger]) expect(other.delivered).toEqual([])
})

test('[H18] a publish to one session reaches only that session; one to the sender itself reaches none', async () => {
  const { hub } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  await ada.publish(bytes('to bob'), { to: bob.participant })
  await ada.publish(bytes('to ada'), { to: ada.participant })
  expect(bob.delivered).toMatchObject([{ from: ada.participant, payload: bytes('to bob') }])
  expect([...eve.delivered, ...ada.delivered]).toEqual([])
})

test('[H19] the sender of a deliver is who published it', async () => {
  const { hub } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  await ada.publish(bytes('1'))
  await eve.publish(bytes('2'))
  expect(bob.delivered.map(({ from }) => from)).toEqual([ada.participant, eve.participant])
  const forged = encodeDataFrame({
    type: 'deliver',
    channel: eve.channel,
    position: 3n,
    id: randomMessage(),
    from: ada.participant,
    payload: bytes('forged'),
  })
  await eve.connection.receive(forged)
  expect(bob.delivered).toHaveLength(2)
  expect(eve.heard('refused')).toMatchObject([{ reason: 'malformed' }])
})

test('[H20] all members see one order, and publishers learn their places', async () => {
  const { hub } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  await Promise.all(
    [ada, bob, ada, bob, ada].map((client, index) => client.publish(new Uint8Array([index + 1]))),
  )
  expect(eve.delivered.map(({ position, payload }) => [position, payload[0]])).toEqual([
    [1n, 1],
    [2n, 2],
    [3n, 3],
    [4n, 4],
    [5n, 5],
  ])
  expect(ada.acks.map(({ position }) => position)).toEqual([1n, 3n, 5n])
  expect(bob.acks.map(({ position }) => position)).toEqual([2n, 4n])
  expect(ada.acks.map(({ channel }) => channel)).toEqual(Array(3).fill(eve.channel))
})

test('[H21] a repeated message is acknowledged again and delivered once', async () => {
  const { hub } = createTestHub()
  const { ada, bob, eve } = await gatherThree(hub)
  const id = randomMessage()
  for (let times = 0; times < 3; times += 1) await ada.publish(bytes('once'), { id })
  expect(bob.delivered).toHaveLength(1)
  expect(ada.acks.map((ack) => [ack.id, ack.position])).toEqual(Array(3).fill([id, 1n]))
  await eve.publish(bytes('another sender, the same id'), { id })
  expect(bob.delivered).toHaveLength(2)
})

test('[H21] a message repeated over a new connection of the same session is delivered once', async () => {
  const { hub } = createTestHub()
  const { room, ada, bob } = await gatherThree(hub)
  const id = await ada.publish(bytes('once'))
  ada.close(1006)
  const { participant, resume } = ada
  const again = new MemoryClient(hub, { participant, resume })
  await again.join(room)
  await again.publish(bytes('once'), { id })
  expect(bob.delivered).toHaveLength(1)
  expect(again.acks).toMatchObject([{ id, position: 1n }])
})

test('[H22] a message that is not relayed is refused with its reason, and the connection is kept', async () => {
  const { hub } = createTestHub({ limits: { maxPayloadBytes: 100 } })
  const { ada, bob } = await gatherThree(hub)
  const refusals = (): string[] => ada.heard('refused').map(({ id, reason }) => `${id} ${reason}`)
  const frame = {
    type: 'publish',
    channel: ada.channel,
    to: undefined,
    payload: new Uint8Array(100),
  } as const

  const tooLarge = await ada.publish(new Uint8Array(101))
  const unknown = await ada.publish(new Uint8Array(1), { channel: (ada.channel ^ 1) >>> 0 })
  const absent = await ada.publish(new Uint8Array(1), { to: randomParticipant() })
  const cut = randomMessage()
  await ada.connection.receive(encodeDataFrame({ ...frame, id: cut }).subarray(0, 48))
  await ada.connection.receive(new Uint8Array(31).fill(255))
  await ada.connection.receive('not json')
  await ada.connection.receive(`"${'x'.repeat(17_000)}"`)
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
  expect(ada.end).toBeUndefined()
  await ada.connection.receive(encodeDataFrame({ ...frame, id: randomMessage() }))
  expect(bob.delivered).toHaveLength(1)
  expect(hub.stats().dropped).toEqual({
    rate: 0,
    'too-large': 2,
    absent: 1,
    'unknown-channel': 1,
    malformed: 3,
  })
})

test('[H22] a room that was left is an unknown channel', async () => {
  const { hub } = createTestHub()
  const { room, ada, bob } = await gatherThree(hub)
  const { channel } = ada
  await ada.say({ type: 'leave', room: room.id })
  const id = await ada.publish(bytes('too late'), { channel })
  expect(ada.heard('refused')).toEqual([{ type: 'refused', id, reason: 'unknown-channel' }])
  expect(bob.delivered).toEqual([])
})

test('[H19] the bytes of a deliver are the publish with another type, position and peer', async () => {
  const { hub } = createTestHub()
  const { clients } = await gather(hub, 2)
  const [ada, bob] = clients
  const id = await ada?.publish(bytes('as it is'))
  expect(bob?.delivered).toEqual([
    {
      type: 'deliver',
      channel: ada?.channel,
      position: 1n,
      id,
      from: ada?.participant,
      payload: bytes('as it is'),
    },
  ])
  expect(idToBytes(bob?.delivered[0]?.from ?? randomParticipant())).toHaveLength(16)
})
