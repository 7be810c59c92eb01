import { afterEach, expect, test } from 'vitest'
import { Call } from '../src/state/call.ts'
import { LocalMedia } from '../src/state/local-media.ts'
import { TestContext } from './support/context.ts'
import { settle } from './support/virtual-clock.ts'

const calls: Call[] = []

const begin = async (context: TestContext): Promise<Call> => {
  const media = new LocalMedia(context.mediaPort, context)
  const call = new Call(context.room.port, { ...context.context, media, moved: () => undefined })
  calls.push(call)
  await settle()
  return call
}

afterEach(async () => {
  for (const call of calls.splice(0)) await call.close()
})

test('people who come and go are heard, those who were there before are not', async () => {
  const context = new TestContext()
  await begin(context)
  context.room.enter('bob')
  expect(context.cues).toEqual([])
  await context.clock.pass(5000)
  context.room.enter('carol')
  context.room.depart('bob')
  expect(context.cues).toEqual(['joined', 'left'])
})

test('a connection that is lost and regained is heard, the first connection is not', async () => {
  const context = new TestContext()
  await begin(context)
  for (const state of ['reconnecting', 'reconnecting', 'connected', 'connected'] as const) {
    context.room.setState(state)
  }
  expect(context.cues).toEqual(['lost', 'regained'])
})

test('a message is heard when the chat or the page is out of sight', async () => {
  const context = new TestContext()
  context.room.say('bob', 'said before')
  const call = await begin(context)
  expect(context.cues).toEqual([])
  call.chat.setOpen(true)
  context.room.say('bob', 'in sight')
  expect(context.cues).toEqual([])
  context.isPageSeen = false
  context.room.say('bob', 'behind another tab')
  expect(context.cues).toEqual(['message'])
  context.isPageSeen = true
  call.chat.setOpen(false)
  context.room.say('bob', 'with the chat closed')
  context.room.say('self', "the person's own")
  expect(context.cues).toEqual(['message', 'message'])
})

test('a call that is over makes no sound', async () => {
  const context = new TestContext()
  const call = await begin(context)
  await call.close()
  context.room.say('bob', 'late')
  context.room.setState('reconnecting')
  expect(context.cues).toEqual([])
})
