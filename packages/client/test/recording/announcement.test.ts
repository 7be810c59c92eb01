import { afterEach, beforeEach, expect, test } from 'vitest'
import { ParticipantKeySource } from '@conclave/e2ee'
import { Room } from '../../src/index.ts'
import { haveMet, localRoom } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

/** The recordings that a session sees, in the order of their events. */
function eventsIn(room: Room): readonly string[] {
  const events: string[] = []
  room.on('recordingStarted', ({ participant: { name, recordingSince } }) => {
    events.push(`${name} records: ${typeof recordingSince}`)
  })
  room.on('recordingEnded', ({ participant: { name } }) => events.push(`${name} ended`))
  room.on('participantLeft', ({ participant: { name } }) => events.push(`${name} left`))
  return events
}

const sinceIn = (room: Room, name: string): number | undefined =>
  [...room.participants.values()].find((participant) => participant.name === name)?.recordingSince

test('[Q1] everyone sees who records and since when, and when it ends, the recorder too', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  await haveMet([alice, bob])
  const seen = [eventsIn(alice), eventsIn(bob)]
  const announcement = await alice.announceRecording()
  expect(alice.snapshot.self.recordingSince).toBe(announcement.since)
  await expect.poll(() => sinceIn(bob, 'Alice')).toBe(announcement.since)
  await announcement.end()
  expect(alice.snapshot.self.recordingSince).toBe(undefined)
  await expect.poll(() => sinceIn(bob, 'Alice')).toBe(undefined)
  for (const events of seen) expect(events).toEqual(['Alice records: number', 'Alice ended'])
})

test('[Q1] a newcomer learns of a recording as it meets the recorder, and a change of name keeps it', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  await haveMet([alice, bob])
  const { since } = await alice.announceRecording()
  alice.setName('Alice L.')
  await expect.poll(() => sinceIn(bob, 'Alice L.')).toBe(since)
  const carol = await place.join('Carol')
  const events = eventsIn(carol)
  await haveMet([alice, bob, carol])
  expect(sinceIn(carol, 'Alice L.')).toBe(since)
  expect(events).toEqual(['Alice L. records: number'])
})

test('[Q1] a recorder that leaves records no longer, here and there', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob')]
  await haveMet([alice, bob])
  const seen = [eventsIn(alice), eventsIn(bob)]
  const announcement = await alice.announceRecording()
  await expect.poll(() => sinceIn(bob, 'Alice')).toBe(announcement.since)
  await alice.leave()
  expect(announcement.isCurrent).toBe(false)
  expect(alice.self.recordingSince).toBe(undefined)
  await expect.poll(() => bob.participants.size).toBe(0)
  expect(seen).toEqual([
    ['Alice records: number', 'Alice ended'],
    ['Alice records: number', 'Alice ended', 'Alice left'],
  ])
})

test('[Q2] a session announces one recording at a time, and none after it left', async () => {
  const alice = await place.join('Alice')
  const first = alice.announceRecording()
  const running = { code: 'ERR_CLIENT_RECORDING', details: { reason: 'running' } }
  await expect(alice.announceRecording()).rejects.toMatchObject(running)
  await (await first).end()
  const second = await alice.announceRecording()
  // The end of the first one is not the end of the second.
  await (await first).end()
  expect([(await first).isCurrent, second.isCurrent]).toEqual([false, true])
  await alice.leave()
  await expect(alice.announceRecording()).rejects.toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
  await expect(second.giveKey(alice.self.id, 'key')).rejects.toMatchObject({
    code: 'ERR_CLIENT_CLOSED',
  })
})

test('[Q2] without a hub that has it nothing is announced: it waits, until it is aborted or the room is left', async () => {
  const alice = await place.join('Alice')
  place.hub.kill()
  const abort = new AbortController()
  const aborted = alice.announceRecording({ signal: abort.signal })
  abort.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'ERR_CLIENT_ABORTED' })
  expect(alice.self.recordingSince).toBe(undefined)
  const left = alice.announceRecording()
  const [end] = await Promise.all([left.catch((error: unknown) => error), alice.leave()])
  expect(end).toMatchObject({ code: 'ERR_CLIENT_CLOSED' })
  await expect(alice.announceRecording({ signal: abort.signal })).rejects.toMatchObject({
    code: 'ERR_CLIENT_ABORTED',
  })
})

test('[Q2] an announcement that the hub refuses for good is taken back', async () => {
  const transport = place.hub.transport.bind(place.hub)
  const alice = await place.join('Alice', {
    transport(self) {
      const made = transport(self)
      const publish = made.publish.bind(made)
      made.publish = (message) => {
        if (message.to !== undefined) return publish(message)
        queueMicrotask(() => made.tell('refused', { id: message.id }))
        return true
      }
      return made
    },
  })
  await expect(alice.announceRecording()).rejects.toMatchObject({
    code: 'ERR_CLIENT_RECORDING',
    details: { reason: 'refused' },
  })
  expect(alice.self.recordingSince).toBe(undefined)
})

test('[Q2] where messages are not signed nothing is announced', async () => {
  const { room, access } = place.link
  const hub = place.hub.transport.bind(place.hub)
  const keys = (self: ConstructorParameters<typeof ParticipantKeySource>[0]) =>
    new ParticipantKeySource(self)
  const alice = await Room.join({ room, access, keys, hub }, { media: false })
  await expect(alice.announceRecording()).rejects.toMatchObject({
    code: 'ERR_CLIENT_RECORDING',
    details: { reason: 'unsigned' },
  })
  await alice.leave()
})

test('[Q5] a key reaches the participant to whom it is given, and nobody else', async () => {
  const [alice, bob, carol] = [
    await place.join('Alice'),
    await place.join('Bob'),
    await place.join('Carol'),
  ]
  await haveMet([alice, bob, carol])
  const given: string[] = []
  for (const room of [alice, bob, carol]) {
    room.on('recordingKeyGiven', ({ participant, key }) => {
      given.push(`${room.self.name} from ${participant.name}: ${key}`)
    })
  }
  const announcement = await alice.announceRecording()
  await announcement.giveKey(bob.self.id, 'the key')
  await expect.poll(() => given.length).toBe(1)
  await alice.chat.send('after it')
  await expect.poll(() => carol.chat.messages.length).toBe(1)
  expect(given).toEqual(['Bob from Alice: the key'])
  for (const key of ['', 'x'.repeat(513), 1]) {
    await expect(announcement.giveKey(bob.self.id, key as string)).rejects.toMatchObject({
      code: 'ERR_CLIENT_ARGUMENT',
    })
  }
})
