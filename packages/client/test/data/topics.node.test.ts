import { concatBytes } from '@conclave/base'
import { createRandom } from '@conclave/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Topic } from '../../src/data/topic.ts'
import { encodeLooseFrame, encodeValue } from '../../src/data/topic-frame.ts'
import { type DataMember, DataStand } from './data-stand.ts'

let stand: DataStand

beforeEach(() => {
  stand = new DataStand()
})
afterEach(() => stand.close())

test('[R174] a value comes to everyone who has the topic open, or to the one it is for', async () => {
  const [alice, bob, carol] = await stand.meet('Alice', 'Bob', 'Carol')
  const [strokes] = await opened('strokes', alice, bob, carol)
  await strokes.send({ at: [1, 2] })
  await strokes.send(Uint8Array.of(7), { to: carol.self })
  await stand.settle()
  expect(valuesOf(bob)).toEqual([{ at: [1, 2] }])
  expect(valuesOf(carol)).toEqual([{ at: [1, 2] }, Uint8Array.of(7)])
  expect(valuesOf(alice)).toEqual([])
})

test('[R174] a participant gets nothing of a topic that it has not opened, and nothing from before', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [topic] = await opened('notes', alice)
  expect(topic.participants).toEqual([])
  await topic.send('before')
  await stand.settle()
  const refused = topic.send('x', { to: bob.self })
  await expect(refused).rejects.toMatchObject({ code: 'ERR_CLIENT_NO_PARTICIPANT' })
  const changes: string[] = []
  topic.on('opened', () => changes.push('opened'))
  topic.on('closed', () => changes.push('closed'))
  const [bobs] = await opened('notes', bob)
  expect(topic.participants).toEqual([bob.self])
  await topic.send('after')
  await stand.settle()
  expect(valuesOf(bob)).toEqual(['after'])
  await bobs.close()
  await stand.settle()
  expect(topic.participants).toEqual([])
  expect(changes).toEqual(['opened', 'closed'])
  await expect(bobs.send('x')).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
})

test('[R175] reliable values come once and in order while the hub loses, repeats and reorders, and dies', async () => {
  const random = createRandom(5)
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [numbers] = await opened('numbers', alice, bob)
  let sent = 0
  for (let round = 0; round < 60; round += 1) {
    for (let each = 0; each < 5; each += 1) {
      void numbers.send(sent)
      sent += 1
    }
    await disturb(random, { alice, bob })
    stand.clock.advance(500)
  }
  // Nothing is said after the last value.
  for (let round = 0; round < 20; round += 1) {
    await stand.settle()
    stand.clock.advance(5000)
  }
  await stand.settle()
  expect(valuesOf(bob)).toEqual(Array.from({ length: sent }, (_, number) => number))
})

test('[R175] the last value before silence comes, although the hub lost it', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [topic] = await opened('last', alice, bob)
  await topic.send('lost')
  await new Promise((done) => setImmediate(done))
  stand.hub.queue = []
  await stand.settle()
  expect(valuesOf(bob)).toEqual([])
  stand.clock.advance(500)
  await stand.settle()
  expect(valuesOf(bob)).toEqual(['lost'])
})

test('[R175] a large value goes in parts, and a larger one is refused', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [topic] = await opened('large', alice, bob)
  const value = 'x'.repeat(1024 * 1024 - 3)
  await topic.send(value)
  await stand.settle()
  expect(valuesOf(bob)).toEqual([value])
  await expect(topic.send('x'.repeat(1024 * 1024))).rejects.toThrow('send a file')
})

test('[R175] a participant that confirms nothing is refused to the caller, and holds up nobody else', async () => {
  const [alice, bob, mallory] = await stand.meet('Alice', 'Bob', 'Mallory')
  const [topic] = await opened('values', alice, bob, mallory)
  mallory.data.close()
  for (let number = 0; number < 1100; number += 1) void topic.send(number)
  const last = topic.send('last')
  for (let round = 0; round < 20; round += 1) {
    await stand.settle()
    stand.clock.advance(1000)
  }
  expect(await last).toEqual({ refused: [mallory.self] })
  expect(await topic.send('more')).toEqual({ refused: [mallory.self] })
  const single = topic.send('single', { to: mallory.self })
  await expect(single).rejects.toMatchObject({ code: 'ERR_CLIENT_OVERFLOW' })
  await stand.settle()
  expect(valuesOf(bob).slice(-2)).toEqual(['last', 'more'])
})

test('[R176] of an unreliable topic the newest value takes the place of one that finds no space', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [cursors] = await opened('cursors', alice, bob, { reliable: false })
  stand.hub.kill()
  for (let number = 0; number < 50; number += 1) await cursors.send(number)
  stand.hub.restart([alice.transport, bob.transport])
  await stand.settle()
  expect(valuesOf(bob)).toEqual([49])
})

test('[R176] a value that comes after a newer one is dropped, also when its sender says so', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  await opened('cursors', alice, bob, { reliable: false })
  const send = (number: number) =>
    alice.data.path.send(
      bob.self,
      'topic',
      encodeLooseFrame({ number, topic: 'cursors', value: encodeValue(number) }),
    )
  for (const number of [5, 3, 5, 6]) await send(number)
  await stand.settle()
  expect(valuesOf(bob)).toEqual([5, 6])
  expect(bob.dropped).toEqual(['late', 'late'])
})

test('[R177] names of topics, and values to topics that are not open, are bounded', async () => {
  const [alice, mallory] = await stand.meet('Alice', 'Mallory')
  await opened('mine', alice)
  for (let number = 0; number < 64; number += 1) mallory.data.topics.open(`t${number}`, {})
  expect(() => mallory.data.topics.open('one more', {})).toThrow('too many')
  await stand.settle()
  const [other] = [...Array(3).keys()].map((number) =>
    encodeLooseFrame({ number: number + 1, topic: `nobody ${number}`, value: encodeValue(1) }),
  )
  await mallory.data.path.send(alice.self, 'topic', other ?? new Uint8Array())
  await mallory.data.path.send(alice.self, 'topic', Uint8Array.of(9, 9))
  await stand.settle()
  expect(alice.dropped).toEqual(['not-heard', 'malformed-body'])
  expect(valuesOf(alice)).toEqual([])
})

test('[R177] a value that the application does not accept is dropped, and so is one that is none', async () => {
  const [alice, mallory] = await stand.meet('Alice', 'Mallory')
  const isText = (value: unknown): value is string => typeof value === 'string'
  const texts = alice.data.topics.open('texts', { accepts: isText })
  listen(alice, texts as unknown as Topic)
  const [topic] = await opened('texts', mallory)
  await topic.send(5)
  await expect(topic.send(new Map())).rejects.toThrow('expected JSON')
  const hostile = concatBytes([0], new TextEncoder().encode('{"__proto__":{"a":1}}'))
  const frame = encodeLooseFrame({ number: 1, topic: 'texts', value: hostile })
  await mallory.data.path.send(alice.self, 'topic', frame)
  await topic.send('fine')
  await stand.settle()
  expect(valuesOf(alice)).toEqual(['fine'])
  expect(alice.dropped).toEqual(['malformed-body', 'malformed-body'])
})

test('[R177] a participant that leaves is told, and comes back with what is sent from then on', async () => {
  const [alice, bob] = await stand.meet('Alice', 'Bob')
  const [topic] = await opened('notes', alice, bob)
  const changes: string[] = []
  topic.on('closed', ({ participant }) => changes.push(participant))
  await topic.send('first')
  await stand.settle()
  alice.transport.tell('participantLeft', { participant: bob.self, reason: 'left' })
  expect(changes).toEqual([bob.self])
  await topic.send('to nobody')
  alice.transport.tell('participantJoined', { participant: bob.self })
  stand.clock.advance(1000)
  await stand.settle()
  expect(topic.participants).toEqual([bob.self])
  await topic.send('second')
  await stand.settle()
  expect(valuesOf(bob)).toEqual(['first', 'second'])
})

const values = new WeakMap<DataMember, unknown[]>()
const valuesOf = (member: DataMember): unknown[] => values.get(member) ?? []

function listen(member: DataMember, topic: Pick<Topic, 'on'>): void {
  const heard: unknown[] = []
  values.set(member, heard)
  topic.on('value', ({ value }) => heard.push(value))
}

/** Opens a topic for these, who learn it of each other. */
async function opened(
  name: string,
  ...given: readonly (DataMember | { readonly reliable: boolean })[]
): Promise<[Topic, ...Topic[]]> {
  const members = given.filter((each): each is DataMember => 'self' in each)
  const options = given.find((each) => 'reliable' in each) ?? {}
  const topics = members.map((member) => {
    const topic = member.data.topics.open(name, options)
    listen(member, topic)
    return topic
  })
  await stand.settle()
  return topics as [Topic, ...Topic[]]
}

/** One fault of the hub, and what follows. */
async function disturb(
  random: () => number,
  { alice, bob }: { readonly alice: DataMember; readonly bob: DataMember },
): Promise<void> {
  await new Promise((done) => setImmediate(done))
  const { hub } = stand
  switch (Math.floor(random() * 5)) {
    case 0:
      hub.queue = hub.queue.filter(() => Math.floor(random() * 3) > 0)
      break
    case 1:
      hub.queue = [...hub.queue, ...hub.queue].toReversed()
      break
    case 2:
      hub.kill()
      hub.restart([alice.transport, bob.transport])
      break
    case 3:
      bob.transport.lose()
      await stand.settle()
      hub.connect(bob.transport)
      break
    default:
      await stand.settle()
  }
}
