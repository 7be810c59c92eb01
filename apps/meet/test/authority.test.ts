import { expect, test } from 'vitest'
import { App } from '../src/state/app.ts'
import { Entry } from '../src/state/entry.ts'
import { NEW_PATH, TestContext } from './support/context.ts'
import { participant } from './support/room.ts'
import { settle } from './support/virtual-clock.ts'

const inCall = async () => {
  const context = new TestContext()
  const entry = new Entry('https://meet.test/r/room#secret', context.context)
  await entry.start()
  await entry.join()
  await settle()
  const state = entry.state.value
  if (state.type !== 'call') throw new Error(`expected a call, got ${state.type}`)
  return { context, entry, call: state.call, room: context.room }
}

const noticesOf = (context: TestContext): unknown[] =>
  context.notices.list.value.map(({ content }) => content)

test('an owner sees who wants to come in, by a clean name, and lets in or refuses', async () => {
  const { context, call, room } = await inCall()
  room.govern({ role: 'owner', rule: 'ask' })
  const asking = [
    { id: 'b', name: 'Bo\u200bb' },
    { id: 'c', name: '\u202e' },
  ]
  room.govern({ asking: asking.map((each) => ({ ...each, person: undefined })) as never })
  room.emit('asks', asking[0])
  expect(call.authority.guests.value).toEqual([
    { id: 'b', name: 'Bob' },
    { id: 'c', name: 'Guest' },
  ])
  expect(context.cues).toEqual(['joined'])
  call.authority.admit('b')
  call.authority.refuse('c')
  expect(room.log.slice(-2)).toEqual(['admit b', 'refuse c'])
})

test('somebody who cannot let in hears nothing when somebody asks', async () => {
  const { context, call, room } = await inCall()
  room.emit('asks', { id: 'b', name: 'Bob' })
  expect([context.cues, call.authority.mayAct.value]).toEqual([[], false])
})

test('an owner who takes somebody out is asked about everybody from then on', async () => {
  const { context, call, room } = await inCall()
  room.govern({ role: 'owner' })
  call.authority.remove('b')
  await settle()
  expect(room.log.slice(-2)).toEqual(['remove b', 'setRule ask'])
  room.emit('removed', { participant: participant('b', { name: 'Bob' }) })
  expect(noticesOf(context)).toEqual([{ type: 'rule-ask' }, { type: 'removed', name: 'Bob' }])
  call.authority.remove('c')
  await settle()
  expect(room.log.at(-1)).toBe('remove c')
})

test('a statement that fails is said', async () => {
  const { context, call, room } = await inCall()
  room.canAct = false
  call.authority.setRule('locked')
  await settle()
  expect(noticesOf(context)).toEqual([{ type: 'act-failed' }])
})

test.each([
  [true, 'removed'],
  [false, 'unadmitted'],
])('whoever was in (%s) and is removed reads %s', async (wasIn, reason) => {
  const context = new TestContext()
  context.room.govern({ standing: wasIn ? 'admitted' : 'waiting' })
  const entry = new Entry('https://meet.test/r/room#secret', context.context)
  await entry.start()
  await entry.join()
  await settle()
  context.room.end('removed')
  await settle()
  expect(entry.state.value).toEqual({ type: 'ended', reason })
})

test.each(['moved', 'renewalDue'])('after %s the call goes on with the new link', async (event) => {
  const context = new TestContext()
  const app = new App(context.context)
  await settle()
  if (app.screen.value.type !== 'room') throw new Error('expected a room')
  const { entry } = app.screen.value
  await entry.join()
  await settle()
  context.room.emit(event, { path: NEW_PATH })
  await settle()
  expect(context.href).toBe(`https://meet.test/${NEW_PATH}`)
  expect(noticesOf(context)).toEqual([{ type: 'new-link' }])
  expect(context.room.log).toContain('leave')
  expect(app.screen.value).not.toMatchObject({ entry })
  expect(context.joinedAs).toHaveLength(2)
})
