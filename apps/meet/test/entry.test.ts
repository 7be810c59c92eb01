import { afterEach, expect, test } from 'vitest'
import { App } from '../src/state/app.ts'
import { Entry } from '../src/state/entry.ts'
import { TestContext, clientError } from './support/context.ts'
import { TestRoom } from './support/room.ts'
import { settle } from './support/virtual-clock.ts'

const link = 'https://meet.test/r/room#secret'
const entries: Entry[] = []

const open = async (context: TestContext): Promise<Entry> => {
  const entry = new Entry(link, context.context)
  entries.push(entry)
  await entry.start()
  await settle()
  return entry
}

afterEach(async () => {
  for (const entry of entries.splice(0)) await entry.close()
})

test('from the lobby to the call and out of it', async () => {
  const context = new TestContext()
  const entry = await open(context)
  expect(entry.state.value).toEqual({ type: 'lobby' })
  expect(context.mediaPort.isRecording).toBe(true)
  context.preferences.change({ name: ' Alice ' })
  await entry.join()
  expect(entry.state.value.type).toBe('call')
  expect(context.joinedAs).toEqual(['Alice'])
  await entry.leave()
  expect(entry.state.value).toEqual({ type: 'ended', reason: 'left' })
  expect(context.mediaPort.isRecording).toBe(false)
})

test('joining does not wait for the browser’s question', async () => {
  const context = new TestContext()
  context.mediaPort.gate = new Promise(() => undefined)
  const entry = await open(context)
  await entry.join()
  expect(entry.state.value.type).toBe('call')
})

test.each(['not-a-room', 'missing-secret', 'damaged-secret', 'wrong-secret'] as const)(
  'a link with the fault %s opens no device',
  async (reason) => {
    const context = new TestContext()
    context.parsed = { type: 'invalid', reason }
    const entry = await open(context)
    expect(entry.state.value).toEqual({ type: 'bad-link', fault: reason })
    expect(context.mediaPort.requests).toEqual([])
  },
)

test('a browser that cannot encrypt is told before any device is asked for', async () => {
  const context = new TestContext()
  context.support = { supported: false, missing: ['encoded-transform'] }
  const entry = await open(context)
  expect(entry.state.value).toEqual({ type: 'unsupported', missing: ['encoded-transform'] })
  expect(context.mediaPort.requests).toEqual([])
})

test.each([
  ['ERR_CLIENT_REFUSED', { type: 'bad-link', fault: 'wrong-secret' }, false],
  ['ERR_CLIENT_LINK_INVALID', { type: 'bad-link', fault: 'damaged-secret' }, false],
  ['ERR_CLIENT_UNSUPPORTED', { type: 'unsupported', missing: [] }, false],
  ['ERR_CLIENT_FULL', { type: 'lobby', trouble: 'full' }, true],
  ['ERR_ANYTHING', { type: 'lobby', trouble: 'failed' }, true],
])('joining that ends with %s', async (code, state, records) => {
  const context = new TestContext()
  context.joins.push(clientError(code))
  const entry = await open(context)
  await entry.join()
  expect(entry.state.value).toEqual(state)
  expect(context.mediaPort.isRecording).toBe(records)
})

test('the entry waits for a server that is away, and its state says so', async () => {
  const context = new TestContext()
  const server = context.holdJoins()
  const entry = await open(context)
  const joined = entry.join()
  await settle()
  expect(entry.state.value).toEqual({ type: 'joining', returning: false, waiting: true })
  await context.clock.pass(60_000)
  expect(context.joinedAs).toHaveLength(1)
  expect(context.clock.pending).toBe(0)
  server.answer()
  await joined
  expect(entry.state.value.type).toBe('call')
})

test('a name that was changed while the server was away is the name in the call', async () => {
  const context = new TestContext()
  const server = context.holdJoins()
  const entry = await open(context)
  const joined = entry.join()
  context.preferences.change({ name: 'Alice' })
  server.answer()
  await joined
  expect(context.room.log).toContain('name Alice')
})

test('giving up ends the attempt', async () => {
  const context = new TestContext()
  const server = context.holdJoins()
  const entry = await open(context)
  const joined = entry.join()
  await settle()
  entry.cancel()
  expect(entry.state.value).toEqual({ type: 'lobby' })
  server.answer()
  await joined
  expect(entry.state.value).toEqual({ type: 'lobby' })
  expect(context.room.log).toEqual(['leave'])
})

test('the keys of the link serve every join and are closed with the entry', async () => {
  const context = new TestContext()
  const entry = await open(context)
  await entry.join()
  await entry.leave()
  context.room = new TestRoom()
  await entry.rejoin()
  expect(entry.state.value.type).toBe('call')
  expect(context.keysClosed).toEqual([])
  await entry.close()
  expect(context.keysClosed).toEqual(['room'])
})

test('a reload comes back to the call, with the same choices', async () => {
  const before = new TestContext()
  const entry = await open(before)
  before.preferences.change({ name: 'Alice', cameraOn: false })
  await entry.join()
  entry.leaveNow()
  await settle()
  expect(before.room.log).toContain('leave now')

  const after = new TestContext(before.tab)
  after.wasReloaded = true
  const again = await open(after)
  expect(again.state.value.type).toBe('call')
  expect(after.joinedAs).toEqual(['Alice'])
  expect(after.mediaPort.requests).toEqual([{ microphone: '' }])
})

test('a link that is followed into a tab that was in the call opens the lobby', async () => {
  const before = new TestContext()
  await (await open(before)).join()
  expect((await open(new TestContext(before.tab))).state.value.type).toBe('lobby')
})

test('a reload after leaving opens the lobby', async () => {
  const before = new TestContext()
  const entry = await open(before)
  await entry.join()
  await entry.leave()
  const after = new TestContext(before.tab)
  after.wasReloaded = true
  expect((await open(after)).state.value.type).toBe('lobby')
})

test('nothing that is stored holds the secret', async () => {
  const context = new TestContext()
  context.preferences.change({ name: 'Alice' })
  await (await open(context)).join()
  const stored = JSON.stringify([...context.lasting.entries, ...context.tab.entries])
  expect(stored).toContain('Alice')
  expect(stored).not.toContain('secret')
})

test('a message that was not sent before the call ended is told after it', async () => {
  const context = new TestContext()
  const entry = await open(context)
  await entry.join()
  const { room } = context
  room.emit('chat', { message: { own: true, state: 'failed' } })
  const message = { own: true, state: 'failed' }
  room.lastWords = () => room.emit('chat', { message })
  await entry.leave()
  expect(entry.state.value).toEqual({ type: 'ended', reason: 'left', unsent: true })
  context.room = new TestRoom()
  await entry.rejoin()
  // One that failed during the call was shown in the chat.
  context.room.emit('chat', { message })
  await entry.leave()
  expect(entry.state.value).toEqual({ type: 'ended', reason: 'left' })
})

test('a session that is ended by the server says why, and can come back', async () => {
  const context = new TestContext()
  const entry = await open(context)
  await entry.join()
  context.room.end('replaced')
  await settle()
  expect(entry.state.value).toEqual({ type: 'ended', reason: 'replaced' })
  context.room = new TestRoom()
  await entry.rejoin()
  expect(entry.state.value.type).toBe('call')
  expect(context.mediaPort.isRecording).toBe(true)
})

test('another link in the same tab leaves the first room', async () => {
  const context = new TestContext()
  const app = new App(context.context)
  await settle()
  const { screen } = app
  if (screen.value.type !== 'room') throw new Error('expected a room')
  await screen.value.entry.join()
  context.move('https://meet.test/r/other#secret')
  await settle()
  expect(context.room.log).toContain('leave')
  expect(screen.value).toMatchObject({ entry: { link: 'https://meet.test/r/other#secret' } })
  context.move('https://meet.test/')
  await settle()
  expect(screen.value).toEqual({ type: 'start' })
  expect(context.mediaPort.isRecording).toBe(false)
})

test('a new room is a link that only the address bar knows', async () => {
  const context = new TestContext()
  context.href = 'https://meet.test/'
  const app = new App(context.context)
  await app.createRoom()
  await settle()
  expect(context.href).toBe('https://meet.test/r/new#fresh')
  const { value: screen } = app.screen
  if (screen.type !== 'room') throw new Error('expected a room')
  await app.copyLink(screen.entry)
  expect(context.copied).toEqual(['https://meet.test/r/new#fresh'])
  expect(context.notices.list.value[0]?.content).toEqual({ type: 'link-copied' })
  await screen.entry.close()
})

test('Back in a call asks and stays; leaving lets go of Back', async () => {
  const context = new TestContext()
  const app = new App(context.context)
  await settle()
  const { value: screen } = app.screen
  if (screen.type !== 'room') throw new Error('expected a room')
  await screen.entry.join()
  const state = screen.entry.state.value
  if (state.type !== 'call') throw new Error('expected a call')
  for (let press = 0; press < 3; press += 1) {
    context.back()
    await settle()
    expect(state.call.asksToLeave.value).toBe(true)
    expect(context.held).toBe(true)
    state.call.stay()
  }
  expect(context.room.log).not.toContain('leave')
  await screen.entry.leave()
  expect(context.held).toBe(false)
  expect(screen.entry.state.value).toEqual({ type: 'ended', reason: 'left' })
  context.back()
  expect(app.screen.value).toBe(screen)
  await screen.entry.close()
})

const whole =
  'https://meet.test/r/x7Xv-1_kQ0mB3nYp5rTz2A#q9_-Zr4vT1yUe8iWo7pA6sDf5gHj3kLz2xCv0bNm1QErT5yU8iO2pAs4dF6gH7jK'

test('a repaired link is the one in the address bar, which is copied and shared', async () => {
  const context = new TestContext()
  context.href = `${whole}).`
  const { screen } = new App(context.context)
  await settle()
  expect(context.href).toBe(whole)
  if (screen.value.type !== 'room') throw new Error('expected a room')
  expect(screen.value.entry.link).toBe(whole)
  await screen.value.entry.close()
})

test('a burnt link opens no room, and its secret leaves the address bar', () => {
  const context = new TestContext()
  context.href = whole.replace('#', '%23')
  expect(new App(context.context).screen.value).toEqual({ type: 'burnt' })
  expect(context.href).toBe('https://meet.test/')
  expect(context.mediaPort.requests).toEqual([])
})

test('a second tab of one browser is told that the first one is in the call, and can take it over', async () => {
  const first = new TestContext()
  const second = new TestContext(undefined, first.tabs)
  const here = await open(first)
  const there = await open(second)
  expect(there.elsewhere.value).toBe(false)
  await here.join()
  expect(there.elsewhere.value).toBe(true)
  const third = await open(new TestContext(undefined, first.tabs))
  expect(third.elsewhere.value).toBe(true)
  await there.takeOver()
  await settle()
  expect(here.state.value).toEqual({ type: 'ended', reason: 'replaced' })
  expect(there.state.value.type).toBe('call')
  there.leaveNow()
  expect(third.elsewhere.value).toBe(false)
})

test('a tab may join beside another one, and a reload is gone before it comes back', async () => {
  const first = new TestContext()
  const here = await open(first)
  const there = await open(new TestContext(undefined, first.tabs))
  await here.join()
  await there.join()
  expect([here.state.value.type, there.state.value.type]).toEqual(['call', 'call'])
  here.leaveNow()
  await there.leave()
  expect(there.elsewhere.value).toBe(false)
  await there.close()
  expect(first.tabs.lines).toBe(0)
})
