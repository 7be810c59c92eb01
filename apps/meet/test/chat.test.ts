import { type Signal, signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { Chat, rowsOf } from '../src/state/chat.ts'
import { TestRoom, participant } from './support/room.ts'
import { settle } from './support/virtual-clock.ts'

const open = (
  room: TestRoom,
  { fits = signal(true) }: { readonly fits?: Signal<boolean> } = {},
): Chat =>
  new Chat(room.port, {
    ...{ fits, nameOf: (_id, name) => name, nameOfAbsent: (_id, name) => `${name} of before` },
  })

test('messages of one person in a row stand under one name', () => {
  const room = new TestRoom()
  room.say('alice', 'one', 0)
  room.say('alice', 'two', 60_000)
  room.say('bob', 'three', 61_000)
  room.say('alice', 'four', 62_000)
  room.say('alice', 'five', 62_000 + 5 * 60_000)
  const first = rowsOf(room.snapshot.messages).filter(({ isFirst }) => isFirst)
  expect(first.map(({ text }) => text)).toEqual(['one', 'three', 'four', 'five'])
})

test('a message that arrives while the chat is closed is unread until the chat opens', () => {
  const room = new TestRoom()
  room.say('bob', 'before')
  const chat = open(room)
  chat.setOpen(false)
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'closed')
  expect(chat.unread.value).toBe(1)
  chat.setOpen(true)
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'while open')
  chat.setOpen(false)
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'while closed')
  room.say('self', 'own words are never unread')
  expect(chat.unread.value).toBe(1)
  expect(chat.latest.value.at(-1)?.text).toBe('while closed')
})

test('sending empties the field; an empty field sends nothing', async () => {
  const room = new TestRoom()
  const chat = open(room)
  chat.draft.value = '  hello\nthere  '
  await chat.send()
  expect(chat.draft.value).toBe('')
  chat.draft.value = '  \n '
  await chat.send()
  expect(room.snapshot.messages.map((message) => message.text)).toEqual(['hello\nthere'])
})

test('a text that could not be sent is in the field again', async () => {
  const room = new TestRoom()
  room.canSend = false
  const chat = open(room)
  chat.draft.value = 'hello'
  await chat.send()
  expect(chat.draft.value).toBe('hello')
})

test('a closed chat listens no more', async () => {
  const room = new TestRoom()
  const chat = open(room)
  chat.close()
  room.say('bob', 'late')
  await settle()
  expect(chat.rows.value).toEqual([])
  expect(room.subscriptions).toBe(0)
})

test('beside the call the chat opens with the first message, and once closed it stays closed', () => {
  const room = new TestRoom()
  const chat = open(room)
  expect(chat.isOpen.value).toBe(false)
  room.say('bob', 'first')
  expect(chat.isOpen.value).toBe(true)
  expect(chat.unread.value).toBe(0)
  chat.setOpen(false)
  room.say('bob', 'second')
  expect(chat.isOpen.value).toBe(false)
  expect(chat.unread.value).toBe(1)
})

test('over the call no message opens the chat', () => {
  const room = new TestRoom()
  const chat = open(room, { fits: signal(false) })
  room.say('bob', 'first')
  expect(chat.isOpen.value).toBe(false)
  expect(chat.unread.value).toBe(1)
  chat.setOpen(true)
  expect(chat.isOpen.value).toBe(true)
})

test.each(['opened by a message', 'opened by the person'])(
  'a chat %s never covers the call when the layout narrows, and is back when it widens',
  (how) => {
    const room = new TestRoom()
    const fits = signal(true)
    const chat = open(room, { fits })
    if (how === 'opened by a message') room.say('bob', 'first')
    else chat.setOpen(true)
    for (let turn = 0; turn < 3; turn += 1) {
      fits.value = false
      expect(chat.isOpen.value).toBe(false)
      fits.value = true
      expect(chat.isOpen.value).toBe(true)
    }
  },
)

test('a chat that was opened over the call stands beside it when there is room, and then covers nothing', () => {
  const fits = signal(false)
  const chat = open(new TestRoom(), { fits })
  chat.setOpen(true)
  fits.value = true
  expect(chat.isOpen.value).toBe(true)
  fits.value = false
  expect(chat.isOpen.value).toBe(false)
})

test('messages from before are under their names, and no news', () => {
  const room = new TestRoom()
  room.enter('bob', { person: 'P' as never })
  const chat = open(room, { fits: signal(false) })
  room.tell('bob', [
    { from: 'bob before', name: 'robert', text: 'one', person: 'P' as never },
    { from: 'dave', text: 'two' },
    { from: 'alice before', text: 'mine', own: true },
  ])
  room.say('bob', 'three')
  expect(chat.rows.value.map(({ name, text }) => [name, text])).toEqual([
    ['bob', 'one'],
    ['dave of before', 'two'],
    ['alice before of before', 'mine'],
    ['bob', 'three'],
  ])
  expect(chat.rows.value.map(({ passedOnBy }) => passedOnBy)).toEqual([
    ...['bob', undefined, undefined, undefined],
  ])
  expect(chat.unread.value).toBe(1)
  expect(chat.latest.value.map(({ text }) => text)).toEqual(['three'])
  room.depart('bob')
  expect(chat.rows.value[0]?.passedOnBy).toBe('')
})

test('the chat says whether those who come later read it', () => {
  const room = new TestRoom()
  const chat = open(room)
  expect(chat.isKept.value).toBe(false)
  room.govern({ history: 'call' })
  room.say('bob', 'hello')
  expect(chat.isKept.value).toBe(true)
})

test('rows are made again only when a name or a message changes', () => {
  const room = new TestRoom()
  room.enter('bob')
  const chat = open(room)
  room.say('bob', 'one')
  const rows = chat.rows.value
  room.setEnabled('camera', false)
  room.set(participant('bob', { connection: 'interrupted' as never }))
  expect(chat.rows.value).toBe(rows)
})

test('the number of missed messages stands beside the message after which they were written', () => {
  const room = new TestRoom()
  room.enter('bob')
  const chat = open(room)
  room.miss({ after: undefined, count: 4 })
  expect(chat.rows.value).toEqual([])
  expect(chat.missed.value.at(-1)?.count).toBe(4)
  room.say('bob', 'one')
  room.say('bob', 'two')
  room.miss({ after: undefined, count: 4 }, { after: 'm0', count: 3 }, { after: 'm1', count: 1 })
  const counts = (): unknown =>
    chat.rows.value.map(({ missedBefore, missedAfter }) => [missedBefore, missedAfter])
  expect(counts()).toEqual([
    [4, 3],
    [undefined, 1],
  ])
  room.say('bob', 'three')
  expect(counts()).toEqual([
    [4, 3],
    [undefined, 1],
    [undefined, undefined],
  ])
})

test('messages from an absence are unread, and say who passed them on', () => {
  const room = new TestRoom()
  room.enter('bob')
  const chat = open(room, { fits: signal(false) })
  room.say('bob', 'before')
  chat.setOpen(true)
  chat.setOpen(false)
  room.tell('bob', [{ from: 'bob', text: 'early' }])
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'after')
  const [early, before, after] = room.snapshot.messages
  const meanwhile = ['two', 'three'].map((text) => ({ ...before, id: text, text, toldBy: 'bob' }))
  room.show([early, before, ...meanwhile, after] as never)
  expect(chat.unread.value).toBe(3)
  expect(chat.rows.value.map(({ text, passedOnBy }) => [text, passedOnBy])).toEqual([
    ['early', 'bob'],
    ['before', undefined],
    ['two', 'bob'],
    ['three', undefined],
    ['after', undefined],
  ])
})
