import {
  importExchangeKeys,
  MAX_PREKEYS,
  openKey,
  PrekeyBook,
  SeenKeys,
} from '@conclave/e2ee/exchange'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToHex, failureOf, rootOf } from '../fixtures.ts'
import { TestStorage } from '../test-storage.ts'
import {
  alice,
  bob,
  choose,
  DAY,
  HOUR,
  NOW,
  open,
  openBook,
  seal,
  sealTo,
  times,
} from './prekey-fixtures.ts'

const recordOf = (storage: TestStorage): string =>
  bytesToHex(storage.stored?.bytes ?? new Uint8Array())
/** The seed of the entry at a place of the record. */
const seedOf = (storage: TestStorage, index = 0): string =>
  recordOf(storage).slice(2 * (4 + index * 58 + 18), 2 * (4 + index * 58 + 50))

test('[E18] a recording stays closed to whoever steals the keys, and the storage, afterwards', async () => {
  const storage = new TestStorage()
  const book = openBook(storage)
  const [offer] = await book.createOneTime({ count: 1, ...times })
  const tape = [await seal({ prekey: await choose([offer]) }), await seal()]
  const seed = seedOf(storage)
  expect(await Promise.all(tape.map((bytes) => open(bytes, book)))).toEqual([
    'one-time-prekey',
    'identity',
  ])
  // The thief has all of Bob's keys of today, his storage, and the messages; `now` is the thief's own argument.
  const stolen = await importExchangeKeys(rootOf(2))
  const thief = new TestStorage()
  thief.stored = storage.stored
  const prekeys = new PrekeyBook({ keys: stolen, storage: thief })
  expect(recordOf(thief)).not.toContain(seed)
  expect(await open(tape[0], prekeys, { to: stolen })).toBe('used-prekey')
  expect(await open(tape[0], undefined, { to: stolen })).toBe('unknown-prekey')
  // What was sealed to the identity does open: the result said so.
  expect(await open(tape[1], prekeys, { to: stolen })).toBe('identity')
})

test('[E18] of a hundred messages and attempts in two pages one opens', async () => {
  const storage = new TestStorage()
  const pages = [openBook(storage), openBook(storage)]
  const [offer = rootOf(0)] = await openBook(storage).createOneTime({ count: 1, ...times })
  const messages = await Promise.all(Array.from({ length: 4 }, () => sealTo(offer)))
  const attempts = Array.from({ length: 100 }, (_, index) =>
    open(messages[index % 4], pages[index % 2]),
  )
  const answers = await Promise.all(attempts)
  expect(answers.filter((answer) => answer === 'one-time-prekey')).toHaveLength(1)
  expect(answers.filter((answer) => answer === 'used-prekey')).toHaveLength(99)
  expect(await open(messages[0], openBook(storage))).toBe('used-prekey')
})

test('[E18] a key whose use could not be stored was not opened, and opens later', async () => {
  const storage = new TestStorage()
  const book = openBook(storage)
  const [offer = rootOf(0)] = await book.createOneTime({ count: 1, ...times })
  const bytes = await sealTo(offer)
  storage.fails = true
  const failure = await failureOf(open(bytes, book))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'failed' }])
  await expect(book.createLastResort(times)).rejects.toMatchObject({ code: 'ERR_E2EE_STORAGE' })
  storage.fails = false
  expect(await open(bytes, openBook(storage))).toBe('one-time-prekey')
})

test('[E18] the private half of a last resort is gone after its end, with the next write or at once', async () => {
  for (const end of [
    (book: PrekeyBook, now: number) => book.removeExpired({ now }),
    (book: PrekeyBook, now: number) => book.createOneTime({ count: 1, now, expiresAt: now + DAY }),
  ]) {
    const storage = new TestStorage()
    const book = openBook(storage)
    const last = await book.createLastResort(times)
    const bytes = await sealTo(last, { expiresAt: times.expiresAt })
    const seed = seedOf(storage)
    expect(await open(bytes, book, { now: times.expiresAt - 1 })).toBe('last-resort-prekey')
    expect(await open(bytes, book, { now: times.expiresAt })).toBe('expired')
    expect(recordOf(storage)).toContain(seed)
    await end(book, times.expiresAt)
    expect(recordOf(storage)).not.toContain(seed)
    expect(await open(bytes, book)).toBe('unknown-prekey')
  }
  const storage = new TestStorage()
  await openBook(storage).removeExpired({ now: NOW })
  expect(storage.writes).toBe(0)
})

test('[E18] a book is bounded; used prekeys make room, those that expire first before others', async () => {
  const storage = new TestStorage()
  const book = openBook(storage)
  const made = await book.createOneTime({ count: MAX_PREKEYS - 2, ...times })
  const sooner = { now: NOW, expiresAt: NOW + 2 * HOUR }
  const [first = rootOf(0), second = rootOf(0)] = [
    ...(await book.createOneTime({ count: 1, ...sooner })),
    made[0] ?? rootOf(0),
  ]
  const [one, other] = [await sealTo(first), await sealTo(second)]
  expect(await open(other, book)).toBe('one-time-prekey')
  expect(await open(one, book)).toBe('one-time-prekey')
  expect(await book.remaining({ now: NOW })).toBe(MAX_PREKEYS - 3)
  // One free place, and two of used ones.
  await book.createOneTime({ count: 2, ...times })
  expect(await open(one, book)).toBe('unknown-prekey')
  expect(await open(other, book)).toBe('used-prekey')
  const failure = await failureOf(book.createOneTime({ count: 2, ...times }))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_TOO_MANY_KEYS', { maxKeys: 256 }])
  expect(await book.remaining({ now: NOW })).toBe(MAX_PREKEYS - 1)
  await book.createLastResort(times)
  expect(await open(other, book)).toBe('unknown-prekey')
  const full = await failureOf(book.createLastResort(times))
  expect(full.code).toBe('ERR_E2EE_TOO_MANY_KEYS')
  await book.createLastResort({ now: times.expiresAt, expiresAt: times.expiresAt + DAY })
})

test('[E18] a record of another form is refused with its code, and not written over', async () => {
  const storage = new TestStorage()
  const book = openBook(storage)
  const [offer = rootOf(0)] = await book.createOneTime({ count: 2, ...times })
  const bytes = await sealTo(offer)
  const good = storage.stored?.bytes ?? rootOf(0)
  const set = (at: number, value: number): Uint8Array =>
    good.map((byte, index) => (index === at ? value : byte))
  const twice = Uint8Array.of(...good.subarray(0, 62), ...good.subarray(4, 62))
  const wrong = [
    ...[good.subarray(0, -1), Uint8Array.of(...good, 0), new Uint8Array(), twice],
    ...[set(0, 2), set(1, 2), set(3, 1), set(4, 2), set(5, 0), set(5, 3), set(54, 255)],
  ]
  for (const record of wrong) {
    const damaged = new TestStorage()
    damaged.stored = { bytes: record, version: '1' }
    const theirs = openBook(damaged)
    for (const call of [
      () => open(bytes, theirs),
      () => theirs.createLastResort(times),
      () => theirs.remaining({ now: NOW }),
      () => theirs.removeExpired({ now: NOW }),
    ]) {
      const failure = await failureOf(call())
      expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
    }
    expect(damaged.writes).toBe(0)
  }
  expect(await open(bytes, book)).toBe('one-time-prekey')
})

test('[E18] histories of pages, prekeys, times and failing writes: each prekey opens one key at most, and none after its end', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          ...{ of: fc.nat(3), page: fc.nat(1), at: fc.nat(12) },
          act: fc.constantFrom('open', 'open', 'fail', 'remove'),
        }),
        { maxLength: 14 },
      ),
      async (steps) => {
        const storage = new TestStorage()
        const pages = [openBook(storage), openBook(storage)]
        const lifetimes = [3, 6, 9, 12]
        const messages = []
        for (const lifetime of lifetimes) {
          const at = { now: NOW, expiresAt: NOW + lifetime }
          const [offer = rootOf(0)] = await openBook(storage).createOneTime({ count: 1, ...at })
          messages.push(await sealTo(offer, { expiresAt: NOW + lifetime }))
        }
        const ends = new Map<number, string>()
        const [answers, expected]: string[][] = [[], []]
        for (const { of, page, at, act } of steps) {
          const now = NOW + at
          const book = pages[page] ?? openBook()
          if (act === 'remove') {
            await book.removeExpired({ now })
            forget(ends, lifetimes, at)
            continue
          }
          storage.fails = act === 'fail'
          const answer = open(messages[of], book, { now }).catch(() => 'failed')
          answers?.push(await answer)
          storage.fails = false
          const isLate = (lifetimes[of] ?? 0) <= at
          const opens = act === 'fail' ? 'failed' : 'one-time-prekey'
          const end = ends.get(of) ?? (isLate ? 'expired' : opens)
          expected?.push(end)
          if (end !== 'one-time-prekey') continue
          // The step that uses one up removes the expired ones.
          forget(ends, lifetimes, at)
          ends.set(of, 'used-prekey')
        }
        expect(answers).toEqual(expected)
      },
    ),
    { numRuns: 60 },
  ))

function forget(ends: Map<number, string>, lifetimes: readonly number[], at: number): void {
  for (const [index, lifetime] of lifetimes.entries()) {
    if (lifetime <= at) ends.set(index, 'unknown-prekey')
  }
}

test('[E16, E18] the same message to a last resort opens once with a guard, in two pages', async () => {
  const [storage, guards] = [new TestStorage(), new TestStorage()]
  const bytes = await sealTo(await openBook(storage).createLastResort(times))
  const attempts = Array.from({ length: 20 }, () =>
    openKey(bytes, {
      ...{ to: bob, from: alice.identity, room: 'room-42', purpose: 'room key', now: NOW },
      ...{ prekeys: openBook(storage), seen: new SeenKeys({ storage: guards }) },
    }),
  )
  const opened = (await Promise.all(attempts)).filter(({ type }) => type === 'opened')
  expect(opened).toHaveLength(1)
})
