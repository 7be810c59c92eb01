import { afterEach, expect, test } from 'vitest'
import { Entry } from '../src/state/entry.ts'
import { ownerKeyStrings } from '../src/ui/owner-key-strings.ts'
import { TestContext } from './support/context.ts'
import { TestRoom } from './support/room.ts'
import { settle } from './support/virtual-clock.ts'

const link = 'https://meet.test/r/room#secret'
const entries: Entry[] = []

const inCall = async (context = new TestContext()) => {
  const entry = new Entry(link, context.context)
  entries.push(entry)
  await entry.start()
  await entry.join()
  await settle()
  const state = entry.state.value
  if (state.type !== 'call') throw new Error(`expected a call, got ${state.type}`)
  return { context, entry, call: state.call }
}

afterEach(async () => {
  for (const entry of entries.splice(0)) await entry.close()
})

test('the owner gets the key, or reads that it is bound to the browser or could not be read', async () => {
  const { context, call } = await inCall()
  expect(await call.authority.ownerKey()).toEqual({ type: 'key', text: '041G-2081' })
  context.ownerKey = undefined
  expect(await call.authority.ownerKey()).toEqual({ type: 'bound' })
  context.ownerKey = new Error('no chunk')
  expect(await call.authority.ownerKey()).toEqual({ type: 'failed' })
})

test('a person who enters the key leaves the room and comes back as its owner, with the same devices', async () => {
  const { context, entry, call } = await inCall()
  const next = new TestRoom()
  context.joins.push(next)
  const media = entry.media.value
  expect(await entry.becomeOwner('041g 2081')).toBeUndefined()
  await settle()
  expect(context.entered).toEqual(['041g 2081'])
  expect(context.room.log.at(-1)).toBe('leave')
  const state = entry.state.value
  if (state.type !== 'call') throw new Error(`expected a call, got ${state.type}`)
  expect(state.call).not.toBe(call)
  expect([entry.media.value === media, context.mediaPort.isRecording]).toEqual([true, true])
  expect(next.log).toContain('publish camera')
  expect(context.notices.list.value.map(({ content }) => content)).toEqual([{ type: 'owner-here' }])
  expect(context.href).toBe(link)
})

test.each([
  ['malformed', 'malformed'],
  ['other-owner', 'other-owner'],
  [new Error('no chunk'), 'failed'],
] as const)('a key that is %s changes nothing, and a sentence says why', async (fault, answer) => {
  const { context, entry, call } = await inCall()
  context.ownerKeyFault = fault
  expect(await entry.becomeOwner('x')).toBe(answer)
  expect(entry.state.value).toEqual({ type: 'call', call })
  expect(context.joinedAs).toHaveLength(1)
  expect(context.room.log).not.toContain('leave')
  expect(ownerKeyStrings[answer]).toMatch(/\.$/)
})

test('outside of a call no key is taken', async () => {
  const context = new TestContext()
  const entry = new Entry(link, context.context)
  entries.push(entry)
  await entry.start()
  expect(await entry.becomeOwner('x')).toBe('failed')
  expect(context.entered).toEqual([])
})

test('a call that ends while the key is read stays ended', async () => {
  const { context, entry } = await inCall()
  const done = entry.becomeOwner('x')
  await entry.leave()
  await done
  expect(entry.state.value).toEqual({ type: 'ended', reason: 'left' })
  expect(context.joinedAs).toHaveLength(1)
})

test('a person who gives up while the call begins again is in the lobby', async () => {
  const { context, entry } = await inCall()
  const server = context.holdJoins()
  const done = entry.becomeOwner('x')
  await settle()
  expect(entry.state.value).toEqual({ type: 'joining', returning: true, waiting: true })
  entry.cancel()
  server.answer()
  await done
  expect(entry.state.value).toEqual({ type: 'lobby' })
  expect(context.notices.list.value).toEqual([])
})
