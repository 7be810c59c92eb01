import { readFileSync } from 'node:fs'
import { type MediaTransport, Room, type RoomProperties, createRoomLink } from '@conclave/client'
import { LocalHub } from '@conclave/client/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Content, answerOf, factLines, factWords } from '../src/ui/fact-words.ts'

let room: Room

beforeEach(async () => {
  const hub = new LocalHub({ atOnce: true })
  room = await Room.join(await createRoomLink('https://meet.example'), {
    transport: hub.transport.bind(hub),
    media: () => directMedia,
    persons: false,
  })
})

afterEach(() => room.leave())

test.each(['README.md', 'SECURITY.md'])(
  '%s has the table of the facts that a room computes',
  (name) => {
    const text = readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
    expect(text).toContain(tableOf(room.properties()))
  },
)

test('contents with one answer stand together, and each answer says because of what', () => {
  const [admission, sender] = factLines(room.properties())
  expect(admission?.answers).toEqual([
    { contents: [], answer: 'no: the link is all that it takes' },
  ])
  expect(sender?.answers.map(({ contents }) => contents)).toEqual([
    ['messages'],
    ['media'],
    ['direct'],
  ])
  for (const { answers } of factLines(room.properties())) {
    for (const { answer } of answers)
      expect(answer).toMatch(/^(yes|no|for keys that have ended): ./)
  }
})

/** The facts as a table in Markdown. */
const tableOf = (facts: RoomProperties): string => {
  const contents = Object.keys(factWords.content) as Content[]
  const names = Object.keys(facts.messages) as (keyof RoomProperties['messages'])[]
  const rows = [
    ['', ...contents.map((content) => factWords.content[content])],
    ['---', ...contents.map(() => '---')],
    ...names
      .toSorted((left, right) => ORDER.indexOf(left) - ORDER.indexOf(right))
      .map((name) => [
        factWords.property[name],
        ...contents.map((content) => answerOf(facts[content][name])),
      ]),
  ]
  return rows.map((cells) => `| ${cells.join(' | ')} |`.replace('|  |', '| |')).join('\n')
}

const ORDER = Object.keys(factWords.property)

const directMedia: MediaTransport = {
  isDirect: true,
  on: () => () => undefined,
  addParticipant: () => undefined,
  removeParticipant: () => undefined,
  setTrack: () => undefined,
  resync: () => undefined,
  stats: async () => ({ tracks: [], dropped: {} }) as never,
  close: async () => undefined,
}
