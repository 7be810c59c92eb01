import { afterEach, expect, test } from 'vitest'
import { Call } from '../src/state/call.ts'
import { LocalMedia } from '../src/state/local-media.ts'
import { cameraViewOf } from '../src/state/roster.ts'
import { TestContext } from './support/context.ts'
import { participant, track } from './support/room.ts'
import { TestTrack, streamOf } from './support/tracks.ts'
import { settle } from './support/virtual-clock.ts'

const calls: Call[] = []

const begin = async (
  context: TestContext = new TestContext(),
): Promise<{ call: Call; context: TestContext; media: LocalMedia }> => {
  const media = new LocalMedia(context.mediaPort, context)
  await media.start()
  const call = new Call(context.room.port, { ...context.context, media, moved: () => undefined })
  calls.push(call)
  await settle()
  return { call, context, media }
}

const noticesOf = (context: TestContext): readonly string[] =>
  context.notices.list.value.map(({ content }) => content.type)

afterEach(async () => {
  for (const call of calls.splice(0)) await call.close()
})

test('microphone and camera are published as they are', async () => {
  const { context } = await begin()
  expect(context.room.log.toSorted()).toEqual(['publish camera', 'publish microphone'])
})

test('a microphone that is muted before joining is published muted', async () => {
  const context = new TestContext()
  context.preferences.change({ microphoneOn: false, cameraOn: false })
  await begin(context)
  expect(context.room.log).toEqual(['publish microphone', 'disable microphone'])
})

test('switches reach the room: the microphone is muted, the camera is taken away', async () => {
  const { context, media } = await begin()
  context.room.log.length = 0
  await media.toggle('microphone')
  await media.toggle('camera')
  await settle()
  expect(context.room.log).toEqual(['disable microphone', 'unpublish camera'])
  await media.toggle('microphone')
  await media.toggle('camera')
  await settle()
  expect(context.room.log.slice(2)).toEqual(['enable microphone', 'publish camera'])
})

test('many presses in a row end where the last one points', async () => {
  const { context, media } = await begin()
  for (let press = 0; press < 9; press += 1) void media.toggle('camera')
  await settle()
  await settle()
  expect(context.room.published.has('camera')).toBe(media.camera.value.state === 'on')
})

test('participants join and leave, with a notice for those who join later', async () => {
  const { call, context } = await begin()
  context.room.enter('bob', { name: 'Bob' })
  expect(noticesOf(context)).toEqual([])
  await context.clock.pass(5000)
  context.room.enter('carol', { name: '' })
  expect(context.notices.list.value[0]?.content).toEqual({ type: 'joined', name: 'Guest' })
  expect(call.people.value.map((person) => person.id)).toEqual(['bob', 'carol', 'self'])
  context.room.depart('bob')
  expect(call.people.value.map((person) => person.id)).toEqual(['carol', 'self'])
  expect(noticesOf(context)).toEqual(['joined', 'left'])
})

test('the server going away and coming back is a state, nothing more', async () => {
  const { call, context } = await begin()
  context.room.setState('reconnecting')
  expect(call.connection.value).toBe('reconnecting')
  context.room.setState('connected')
  expect(call.connection.value).toBe('connected')
  expect(noticesOf(context)).toEqual([])
})

test('forged messages are reported once, repeated and late ones never', async () => {
  const { context } = await begin()
  for (const reason of ['replay', 'stale', 'unexpected', 'overflow']) {
    context.room.emit('dropped', { reason, count: 1 })
  }
  expect(noticesOf(context)).toEqual([])
  for (const reason of ['not-authentic', 'reflected', 'malformed-frame', 'not-authentic']) {
    context.room.emit('dropped', { reason, count: 1 })
  }
  expect(noticesOf(context)).toEqual(['unverified-messages'])
})

test('problems that stop a person’s media are reported once, and those that mend themselves are not', async () => {
  const { context } = await begin()
  const report = (code: string): void =>
    context.room.emit('problem', { code, reason: 'what happened', fix: 'what to do' })
  for (const code of ['ERR_P2P_NEGOTIATION_FAILED', 'ERR_CLIENT_TRACK_ENDED']) report(code)
  expect(noticesOf(context)).toEqual([])
  for (const code of ['ERR_MEDIA_NO_KEY', 'ERR_CLIENT_MEDIA']) report(code)
  report('ERR_P2P_TOO_MANY_PEERS')
  expect(noticesOf(context)).toEqual(['media-stopped', 'too-many-people'])
})

test('media that is stopped because it is not protected is a state for as long as it lasts', async () => {
  const { call, context } = await begin()
  expect(call.stopped.value).toBeUndefined()
  context.room.protect({ send: 'restarting', receive: 'restarting' })
  expect(call.stopped.value).toBe('briefly')
  context.room.protect({ send: 'working', receive: 'working' })
  expect(call.stopped.value).toBeUndefined()
  context.room.protect({ send: 'stopped', receive: 'working' })
  expect(call.stopped.value).toBe('outgoing')
  context.room.protect({ send: 'working', receive: 'stopped' })
  expect(call.stopped.value).toBe('incoming')
  context.room.protect({ send: 'stopped', receive: 'stopped' })
  expect(call.stopped.value).toBe('all')
  expect(noticesOf(context)).toEqual([])
})

test('media that cannot be verified is reported once for each person, if it lasts', async () => {
  const { context } = await begin()
  const bob = participant('bob', {
    name: 'Bob',
    tracks: new Map([['camera', track('video', { e2ee: 'failed' })]]),
  })
  context.room.enter('bob', bob)
  const report = (): void =>
    context.room.emit('e2ee-state-change', { participant: bob, state: 'DecryptionFailed' })
  report()
  expect(noticesOf(context)).toEqual([])
  await context.clock.pass(3500)
  expect(noticesOf(context)).toEqual(['unverified-media'])
  report()
  await context.clock.pass(3500)
  expect(noticesOf(context)).toEqual(['unverified-media'])
})

test('media that recovers within a moment is not reported', async () => {
  const { context } = await begin()
  const failing = participant('bob', {
    tracks: new Map([['camera', track('video', { e2ee: 'failed' })]]),
  })
  context.room.enter('bob', failing)
  context.room.emit('e2ee-state-change', { participant: failing, state: 'DecryptionFailed' })
  context.room.set(participant('bob'))
  await context.clock.pass(5000)
  expect(noticesOf(context)).toEqual([])
})

test('a camera that does not start during the call is reported', async () => {
  const { context, media } = await begin()
  await media.toggle('camera')
  context.mediaPort.faults.set('camera', 'denied')
  await media.toggle('camera')
  expect(context.notices.list.value[0]?.content).toEqual({
    type: 'device-refused',
    device: 'camera',
    fault: 'denied',
  })
})

test('a screen is shared until the browser’s own button ends it', async () => {
  const { call, context } = await begin()
  const picture = new TestTrack('video', 'screen')
  const sound = new TestTrack('audio', 'screen')
  context.mediaPort.screen = { type: 'stream', stream: streamOf(picture, sound) }
  await call.screenShare.toggle()
  expect(call.screenShare.state.value).toBe('on')
  expect(context.room.published.has('screen')).toBe(true)
  expect(context.room.published.has('screen-audio')).toBe(true)
  picture.lose()
  await settle()
  expect(call.screenShare.state.value).toBe('off')
  expect(context.room.published.has('screen')).toBe(false)
  expect(context.room.published.has('screen-audio')).toBe(false)
  expect(sound.readyState).toBe('ended')
})

test('cancelling the choice of a screen is no trouble, failing is', async () => {
  const { call, context } = await begin()
  await call.screenShare.toggle()
  expect(noticesOf(context)).toEqual([])
  context.mediaPort.screen = { type: 'failed' }
  await call.screenShare.toggle()
  expect(call.screenShare.state.value).toBe('off')
  expect(noticesOf(context)).toEqual(['share-failed'])
})

test('a screen that is chosen after the call has ended is not captured', async () => {
  const { call, context } = await begin()
  const picture = new TestTrack('video', 'screen')
  context.mediaPort.screen = { type: 'stream', stream: streamOf(picture) }
  const choosing = call.screenShare.toggle()
  await call.close()
  await choosing
  expect(picture.readyState).toBe('ended')
  expect(context.room.published.has('screen')).toBe(false)
})

test('after the end no listener and no timer is left', async () => {
  const { call, context } = await begin()
  await call.close()
  await call.close()
  expect(context.room.subscriptions).toBe(0)
  expect(context.clock.pending).toBe(0)
  expect(context.room.log).toContain('leave')
})

test('Back closes a chat that lies over the call; otherwise it asks, and staying changes nothing', async () => {
  const { call, context } = await begin()
  context.chatFits.value = false
  call.chat.setOpen(true)
  call.goBack()
  expect([call.chat.isOpen.value, call.asksToLeave.value]).toEqual([false, false])
  call.goBack()
  expect(call.asksToLeave.value).toBe(true)
  call.stay()
  expect(call.asksToLeave.value).toBe(false)
  expect(context.room.log).not.toContain('leave')
  context.chatFits.value = true
  call.chat.setOpen(true)
  call.goBack()
  expect([call.chat.isOpen.value, call.asksToLeave.value]).toEqual([true, true])
})

test('a person who reloads has the same name again', async () => {
  const { call, context } = await begin()
  context.room.enter('bob', { name: 'Bob' })
  context.room.depart('bob')
  context.room.enter('bob again', { name: 'Bob' })
  expect(call.people.value.map(({ name }) => name)).toEqual(['Bob', 'Alice'])
})

test('one name is shown in the tile, the chat and the notices', async () => {
  const { call, context } = await begin()
  await context.clock.pass(5000)
  context.room.enter('bob', { name: 'Alice\u202E' })
  expect(call.people.value.map(({ name }) => name)).toEqual(['Alice 2', 'Alice'])
  expect(context.notices.list.value[0]?.content).toEqual({ type: 'joined', name: 'Alice 2' })
  context.room.set(participant('bob', { name: 'Alice\u202E' }))
  const { id } = context.room.say('bob', 'hello')
  expect(call.chat.rows.value.at(-1)?.id).toBe(id)
})

test('waiting for a person ends after 20 s, and begins again with the next trouble', async () => {
  const { call, context } = await begin()
  const view = (): string => {
    const person = call.people.value.find(({ id }) => id === 'a')
    return person === undefined ? 'nobody' : cameraViewOf(person)
  }
  context.room.enter('a', { connection: 'connecting' })
  expect(view()).toBe('connecting')
  context.clock.advance(20_000)
  expect(view()).toBe('unreachable')
  context.room.set(participant('a', { tracks: new Map(), published: { camera: true } }))
  expect(view()).toBe('connecting')
  context.clock.advance(20_000)
  expect(view()).toBe('no-picture')
  context.room.set(participant('a'))
  expect(view()).toBe('picture')
  context.room.set(participant('a', { connection: 'interrupted' }))
  context.clock.advance(19_999)
  expect(view()).toBe('interrupted')
  context.clock.advance(1)
  expect(view()).toBe('unreachable')
})

test('somebody under the name of a confirmed person is told of, once', async () => {
  const { context } = await begin()
  context.room.enter('bob', { name: 'Bob', confirmation: 'other-key' })
  expect(noticesOf(context)).toContain('other-key')
  const { length } = noticesOf(context).filter((type) => type === 'other-key')
  context.room.set(
    participant('bob', { name: 'Bob', confirmation: 'other-key', person: undefined }),
  )
  expect(noticesOf(context).filter((type) => type === 'other-key')).toHaveLength(length)
})

test('a confirmation that cannot be kept is told of', async () => {
  const { context, call } = await begin()
  context.room.enter('bob', { name: 'Bob' })
  const [bob] = call.people.value
  if (bob === undefined) throw new Error('expected somebody')
  await call.confirm(bob)
  expect(noticesOf(context)).not.toContain('not-kept')
  context.room.isKept = false
  await call.confirm(bob)
  expect(noticesOf(context)).toContain('not-kept')
  await call.confirm(bob, false)
  expect(context.room.log.slice(-3)).toEqual(['confirm bob', 'confirm bob', 'take back bob'])
})
