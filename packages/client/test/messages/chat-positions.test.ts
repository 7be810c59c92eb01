import { expect, test } from 'vitest'
import { decodeHello } from '../../src/messages/bodies.ts'
import { ChatPositions } from '../../src/messages/chat-positions.ts'

test('[R53] a range has the messages of the chat from its first position up to its end', () => {
  const chat = new ChatPositions()
  for (const position of [1, 4, 5, 9]) chat.add(position)
  expect(
    chat.countIn([
      [0, 4],
      [4, 6],
      [6, 9],
    ]),
  ).toEqual([
    [0, 4, 1],
    [4, 6, 2],
    [6, 9, 0],
  ])
})

test('[R53] the newest 4,096 messages of the chat count, also after many', () => {
  const chat = new ChatPositions()
  for (let position = 0; position < 100_000; position += 1) chat.add(position)
  const [[, , count] = [0, 0, 0]] = chat.countIn([[0, 100_000]])
  expect(count).toBeGreaterThanOrEqual(4096)
  expect(count).toBeLessThanOrEqual(8192)
})

const hello = (missed: unknown): Uint8Array => {
  const positions = { room: 1, direct: 2 }
  const received = { room: null, direct: 0, hello: null, key: null, lost: 0 }
  const info = { name: 'alice', published: {} }
  const all = { reply: true, next: positions, oldest: positions, first: positions }
  return new TextEncoder().encode(JSON.stringify({ ...all, missed, received, info }))
}

test.each([
  ['without a count', [[3, 9]]],
  ['with more messages of the chat than positions', [[3, 9, 7]]],
  ['with a count below zero', [[3, 9, -1]]],
  ['that ends where it begins', [[3, 3, 0]]],
])('[R53] a range %s makes a hello malformed', (_, missed) => {
  expect(decodeHello(hello(missed))).toBeUndefined()
})

test('[R53] a range may have messages of the chat at all of its positions', () => {
  expect(decodeHello(hello([[3, 9, 6]]))?.missed).toEqual([[3, 9, 6]])
})
