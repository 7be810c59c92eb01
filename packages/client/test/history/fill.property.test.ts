import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HISTORY_BOUNDS } from '../../src/history/history-bounds.ts'
import { type Filled, HistoryLog, type SignedMessage } from '../../src/history/history-log.ts'

const message = (author: string, sequence: number, toldBy?: string): SignedMessage => ({
  author: { id: author, signingKey: new Uint8Array(32), name: author } as never,
  ...{ sequence, toldBy: toldBy as never, body: new Uint8Array(70) },
  chat: { text: `${author}${sequence}`, at: 0 },
})
const begin = (since?: SignedMessage): Filled => ({
  ...{ since, before: undefined, oldest: undefined, refused: 0, isReached: false },
})

/** The texts as the chat shows them. */
const shown = (log: HistoryLog): readonly string[] => {
  const { authors, messages } = log.page(null)
  return messages.map(({ author, sequence }) => `${authors[author]?.name}${sequence}`)
}

/** The messages of all authors, merged as one member may have heard them. */
const mergeOf = (order: readonly number[]): readonly SignedMessage[] => {
  const next = [0, 0, 0]
  return order.map((at) => {
    const sequence = (next[at] ?? 0) + 1
    next[at] = sequence
    return message('abc'[at] ?? 'a', sequence)
  })
}

test('[R100] messages that were missed are there once, and each author’s in order, whatever the order of their teller', () => {
  const order = fc.array(fc.nat(2), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(order, fc.nat(), fc.nat(), fc.infiniteStream(fc.nat(9)), (said, from, to, draw) => {
      const all = mergeOf(said)
      const begins = from % (all.length + 1)
      const ends = begins + (to % (all.length - begins + 1))
      // This session heard all but the middle; some of what came then was owed to it.
      const isHeard = all.map((_, at) => at < begins || at >= ends || draw.next().value % 3 === 0)
      const log = new HistoryLog()
      let since: SignedMessage | undefined
      for (const [at, said_] of all.entries()) {
        if (at === begins) since = log.newest
        if (isHeard[at]) log.add(said_)
      }
      // The teller heard neighbours of different authors the other way round.
      const told = all.map((one) => ({ ...one, toldBy: 'teller' as never }))
      for (let at = begins + 1; at < told.length; at += 1) {
        const [one, other] = [told[at - 1], told[at]]
        if (one === undefined || other === undefined || one.author.id === other.author.id) continue
        if (draw.next().value % 2 === 0) [told[at - 1], told[at]] = [other, one]
      }
      let filled = begin(since)
      for (let end = told.length; end > 0 && !filled.isReached; end -= 7) {
        filled = log.fill(told.slice(Math.max(0, end - 7), end), filled)
      }
      expect(filled.refused).toBe(0)
      const texts = shown(log)
      expect(texts.toSorted()).toEqual(all.map(({ chat }) => chat.text).toSorted())
      for (const author of 'abc') {
        const own = (list: readonly string[]): readonly string[] =>
          list.filter((text) => text.startsWith(author))
        expect(own(texts)).toEqual(own(all.map(({ chat }) => chat.text)))
      }
      expect(texts.slice(0, begins)).toEqual(all.slice(0, begins).map(({ chat }) => chat.text))
    }),
    { seed: 100, numRuns: 300 },
  )
})

test('[R100] nothing is told before what was here when the connection was lost', () => {
  const log = new HistoryLog()
  for (const sequence of [5, 6]) log.add(message('a', sequence))
  const since = log.newest
  log.add(message('a', 9))
  const told = [message('a', 1, 't'), message('b', 1, 't'), message('a', 6, 't')]
  const filled = log.fill([...told, message('a', 7, 't'), message('a', 9, 't')], begin(since))
  expect(filled.isReached).toBe(true)
  expect(shown(log)).toEqual(['a5', 'a6', 'a7', 'a9'])
  // Another member does not have the message from before.
  log.fill([message('a', 1, 't'), message('a', 8, 't')], begin(since))
  expect(shown(log)).toEqual(['a5', 'a6', 'a7', 'a8', 'a9'])
})

test('[R63, R100] the newest messages are taken, and older told ones make space for them', () => {
  const log = new HistoryLog()
  log.tell([message('old', 1, 't'), message('old', 2, 't')], {
    ...{ anchor: undefined, oldest: undefined, refused: 0 },
  })
  log.add(message('a', 1))
  const since = log.newest
  let filled = begin(since)
  const { messages } = HISTORY_BOUNDS
  for (let sequence = 1000; sequence > 0 && !filled.isReached; sequence -= 1) {
    filled = log.fill([message('b', sequence, 't')], filled)
  }
  expect(log.told).toHaveLength(messages)
  expect(log.told.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: messages }, (_, at) => 1000 - messages + 1 + at),
  )
})
