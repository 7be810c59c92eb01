/** Calls that meet: twice the same, and with the end of the room. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Room } from '../../src/index.ts'
import { TestMedia, TestTrack, haveMet, localRoom, streamOf } from '../support.ts'

let place: Awaited<ReturnType<typeof localRoom>>

beforeEach(async () => {
  place = await localRoom()
})

afterEach(() => place.leave())

async function joinWithMedia(name: string): Promise<{ room: Room; media: TestMedia }> {
  let media: TestMedia | undefined
  const room = await place.join(name, { media: (context) => (media = new TestMedia(context)) })
  if (media === undefined) throw new Error('unreachable: the room made its media')
  return { room, media }
}

const sourcesOf = (room: Room): string[] =>
  [...room.self.tracks].map(([source, { enabled }]) => `${source} ${enabled}`)

test('[R26] a page that joins twice at once is two participants, which talk to each other', async () => {
  const [one, other] = await Promise.all([place.join('Alice'), place.join('Alice')])
  await haveMet([one, other])
  expect(one.self.id).not.toBe(other.self.id)
  await one.chat.send('from one to the other')
  await expect.poll(() => other.chat.messages.length).toBe(1)
  await other.leave()
  await expect.poll(() => one.participants.size).toBe(0)
  expect(one.state).toBe('connected')
})

test('[R20] the same track published twice is one source, and its end is one problem', async () => {
  const { room, media } = await joinWithMedia('Alice')
  const bob = await place.join('Bob')
  const problems: string[] = []
  room.on('problem', ({ code }) => problems.push(code))
  const track = new TestTrack('video')
  const stream = streamOf(track)
  await Promise.all([room.publish(stream), room.publish(stream)])
  await room.publish(stream)
  expect(sourcesOf(room)).toEqual(['camera true'])
  expect(media.log.filter((entry) => Array.isArray(entry)).at(-1)).toEqual(['camera', track])
  await haveMet([room, bob])
  track.end()
  expect(sourcesOf(room)).toEqual(['camera false'])
  expect(problems).toEqual(['ERR_CLIENT_TRACK_ENDED'])
  await room.unpublish('camera')
  expect(media.log.at(-1)).toEqual(['camera', null])
})

test('[R16] half of a surrogate pair in a message arrives as it was said', async () => {
  const [alice, bob] = [await place.join('Alice'), await place.join('Bob \uDC00')]
  await haveMet([alice, bob])
  const texts = ['\uD800', 'a\uDFFFb', '\uDE00\uD83D', '\uD83D\uDE00']
  for (const text of texts) await alice.chat.send(text)
  await expect.poll(() => bob.chat.messages.map(({ text }) => text)).toEqual(texts)
  expect(alice.chat.messages.map(({ state }) => state)).toEqual(texts.map(() => 'sent'))
  expect([...alice.participants.values()].map(({ name }) => name)).toEqual(['Bob \uDC00'])
})

test('[R14] media ends when a room is left, before the last messages are handed on', async () => {
  const { room, media } = await joinWithMedia('Alice')
  await room.publish(streamOf(new TestTrack('audio'), new TestTrack('video')))
  const said = room.chat.send('the last words')
  const left = room.leave()
  expect(media.log.slice(-2)).toEqual([
    ['microphone', null],
    ['camera', null],
  ])
  room.setEnabled('camera', true)
  expect(media.log.at(-1)).toEqual(['camera', null])
  await Promise.all([said, left])
  expect(media.log.at(-1)).toBe('close')
})

test('[R33] sources and names that change while the room is left change nothing, and reject nothing', async () => {
  const { room, media } = await joinWithMedia('Alice')
  const bob = await place.join('Bob')
  await haveMet([room, bob])
  const problems: string[] = []
  room.on('problem', ({ code }) => problems.push(code))
  await room.publish(streamOf(new TestTrack('video')))
  for (let turn = 0; turn < 20; turn += 1) {
    room.setEnabled('camera', turn % 2 === 0)
    room.setName(`Alice ${turn}`)
  }
  const left = room.leave()
  room.setEnabled('camera', true)
  room.setName('late')
  await left
  await expect(room.publish(streamOf(new TestTrack('video')))).rejects.toMatchObject({
    code: 'ERR_CLIENT_CLOSED',
  })
  room.setEnabled('camera', true)
  room.setName('later')
  await room.unpublish('camera')
  expect(media.log.at(-1)).toBe('close')
  expect(problems).toEqual([])
  await expect.poll(() => bob.participants.size).toBe(0)
  expect(await room.closed).toEqual({ reason: 'left' })
})
