import { expect, test } from 'vitest'
import { Chat, groupMessages } from '../src/state/chat.ts'
import { TestRoom } from './support/room.ts'
import { settle } from './support/virtual-clock.ts'

test('messages of one person in a row stand under one name', () => {
  const room = new TestRoom()
  room.say('ada', 'one', 0)
  room.say('ada', 'two', 60_000)
  room.say('bob', 'three', 61_000)
  room.say('ada', 'four', 62_000)
  room.say('ada', 'five', 62_000 + 5 * 60_000)
  const texts = groupMessages(room.snapshot.messages).map(({ messages }) =>
    messages.map((message) => message.text),
  )
  expect(texts).toEqual([['one', 'two'], ['three'], ['four'], ['five']])
})

test('a message that arrives while the chat is closed is unread until the chat opens', () => {
  const room = new TestRoom()
  room.say('bob', 'before')
  const chat = new Chat(room.port, { isOpen: false })
  expect(chat.unread.value).toBe(1)
  chat.setOpen(true)
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'while open')
  chat.setOpen(false)
  expect(chat.unread.value).toBe(0)
  room.say('bob', 'while closed')
  room.say('self', 'own words are never unread')
  expect(chat.unread.value).toBe(1)
  expect(chat.latest.value?.text).toBe('while closed')
})

test('sending empties the field; an empty field sends nothing', async () => {
  const room = new TestRoom()
  const chat = new Chat(room.port, { isOpen: true })
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
  const chat = new Chat(room.port, { isOpen: true })
  chat.draft.value = 'hello'
  await chat.send()
  expect(chat.draft.value).toBe('hello')
})

test('a closed chat listens no more', async () => {
  const room = new TestRoom()
  const chat = new Chat(room.port, { isOpen: true })
  chat.close()
  room.say('bob', 'late')
  await settle()
  expect(chat.groups.value).toEqual([])
  expect(room.subscriptions).toBe(0)
})
