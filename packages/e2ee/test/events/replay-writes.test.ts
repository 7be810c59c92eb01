/** Records that a guard adds to: their cost, and what pages that share one remember. */
import { EventCounter, generateAesGcmKey, openEvent, ReplayGuard, sealEvent } from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeEntry, REPLAY_FORMAT } from '../../src/events/replay-record.ts'
import { entryOf, ReplayState } from '../../src/events/replay-state.ts'
import { AddingStorage } from '../test-storage.ts'

const START = Date.UTC(2026, 10, 21)
const chat = { kind: 'chat', roomId: 'r', messageId: 'm' } as const
const key = await generateAesGcmKey()
const rules = { rising: false, now: START }
const guardOf = (storage: AddingStorage, order: 'any' | 'rising' = 'any'): ReplayGuard =>
  new ReplayGuard({ storage, order, now: () => START })
const openWith = async (envelope: unknown, replay: ReplayGuard): Promise<string> => {
  const opened = await openEvent(envelope, key, { ...chat, replay })
  return opened.type === 'opened' ? 'opened' : opened.type === 'dropped' ? opened.reason : 'history'
}
/** Seals events of one sender. */
const senderOf = (sender: string, counter = new EventCounter({ now: START })) => ({
  seal: () => sealEvent(1, key, { ...chat, sender, counter }),
})

/** The state of a guard that knows 1,024 senders of 4 streams each. */
function fullState(): ReplayState {
  const state = new ReplayState()
  for (let sender = 0; sender < 1024; sender += 1) {
    for (let stream = 1; stream <= 4; stream += 1) {
      const event = { keyId: '', contextId: 'x', sender: `sender-${sender}`, stream, sequence: 0 }
      state.admit(event, rules)
    }
  }
  return state
}

test('[P41] one event of a full guard writes its own number, not the whole state', async () => {
  const storage = new AddingStorage()
  const whole = REPLAY_FORMAT.encode(fullState())
  expect(whole.length).toBeGreaterThan(600_000)
  await storage.write(whole, undefined)
  const guard = guardOf(storage)
  const events = await Promise.all([senderOf('alice').seal(), senderOf('bob').seal()])
  const before = storage.written
  for (const event of events) expect(await openWith(event, guard)).toBe('opened')
  expect(storage.written - before).toBeLessThan(2 * 64)
  for (const event of events) expect(await openWith(event, guardOf(storage))).toBe('replay')
})

test('[P41] a record grows to twice its state at most, and its writes cost what was added, twice', async () => {
  const storage = new AddingStorage()
  const alice = senderOf('alice')
  const entry = encodeEntry(
    entryOf({ keyId: '', contextId: 'chat 1 r', sender: 'alice', stream: 1, sequence: 1 }, rules),
  )
  let longest = 0
  const guard = guardOf(storage)
  const events = await Promise.all(Array.from({ length: 400 }, () => alice.seal()))
  for (const event of events) {
    expect(await openWith(event, guard)).toBe('opened')
    longest = Math.max(longest, storage.stored?.bytes.length ?? 0)
  }
  expect(longest).toBeLessThan(5000)
  expect(storage.written).toBeLessThan(2 * 400 * entry.length)
  // A page that begins counts what the ones before it added.
  for (let page = 0; page < 400; page += 1) {
    await openWith(await alice.seal(), guardOf(storage))
    expect(storage.stored?.bytes.length).toBeLessThan(5000)
  }
  for (const event of events) expect(await openWith(event, guardOf(storage))).toBe('replay')
})

test('[P41] an event whose entry was not stored opens again, and no later write stores it', async () => {
  const storage = new AddingStorage()
  const guard = guardOf(storage)
  const alice = senderOf('alice')
  const [one, two, three] = [await alice.seal(), await alice.seal(), await alice.seal()]
  expect(await openWith(one, guard)).toBe('opened')
  storage.fails = true
  await expect(openWith(two, guard)).rejects.toMatchObject({ code: 'ERR_E2EE_STORAGE' })
  storage.fails = false
  expect(await openWith(three, guard)).toBe('opened')
  const after = guardOf(storage)
  expect(await openWith(two, after)).toBe('opened')
  expect(await openWith(three, after)).toBe('replay')
  expect(await openWith(two, guard)).toBe('opened')
})

test('[P41] a record that was removed is written whole again', async () => {
  const storage = new AddingStorage()
  const guard = guardOf(storage)
  const alice = senderOf('alice')
  const [one, two] = [await alice.seal(), await alice.seal()]
  expect(await openWith(one, guard)).toBe('opened')
  storage.stored = undefined
  expect(await openWith(two, guard)).toBe('opened')
  for (const event of [one, two]) expect(await openWith(event, guardOf(storage))).toBe('replay')
})

test('[P41, P42] histories of pages that share a record: no page opens an event twice, and none opens after a reload', async () => {
  const alice = senderOf('alice', new EventCounter({ now: START - 5000 }))
  const later = senderOf('alice')
  const bob = senderOf('bob')
  const events = await Promise.all(
    [alice, later, bob].flatMap((sender) => Array.from({ length: 40 }, () => sender.seal())),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('any' as const, 'rising' as const),
      fc.array(fc.tuple(fc.nat(2), fc.nat(events.length - 1), fc.nat(9)), { maxLength: 150 }),
      async (order, steps) => {
        const storage = new AddingStorage()
        const pages = [0, 1, 2].map(() => ({ guard: guardOf(storage, order), opened: new Set() }))
        const all = new Set<number>()
        for (const [at, event, chance] of steps) {
          const page = pages[at]
          if (page === undefined) continue
          if (chance === 0) {
            page.guard = guardOf(storage, order)
            for (const opened of all) page.opened.add(opened)
          }
          storage.fails = chance === 1
          const answer = await openWith(events[event], page.guard).catch(() => 'failed')
          storage.fails = false
          if (answer !== 'opened') continue
          expect(page.opened.has(event)).toBe(false)
          page.opened.add(event)
          all.add(event)
        }
        const after = guardOf(storage, order)
        for (const event of all) {
          expect(await openWith(events[event], after)).toMatch(/^(replay|late)$/)
        }
      },
    ),
    { numRuns: 20 },
  )
})

test('[P41] any bytes at the end of a record decode to nothing or to a state, and never throw', () => {
  const state = new ReplayState()
  const event = { keyId: 'k', contextId: 'x', sender: 'a', stream: 5, sequence: 2 ** 53 - 1 }
  state.admit(event, rules)
  const whole = REPLAY_FORMAT.encode(state)
  const entry = encodeEntry(entryOf({ ...event, stream: 6 }, { rising: true }))
  const bytes = new Uint8Array([...whole, ...entry])
  expect(REPLAY_FORMAT.decode(bytes)?.refusalOf({ ...event, stream: 6 }, rules)).toBe('replay')
  expect(REPLAY_FORMAT.decode(whole)?.refusalOf({ ...event, stream: 6 }, rules)).toBeUndefined()
  for (let length = whole.length + 1; length < bytes.length; length += 1) {
    expect(REPLAY_FORMAT.decode(bytes.slice(0, length))).toBeUndefined()
  }
  for (let at = whole.length; at < bytes.length; at += 1) {
    for (const value of [0, 1, 2, 255]) {
      const changed = bytes.slice()
      changed[at] = value
      const decoded = REPLAY_FORMAT.decode(changed)
      if (decoded !== undefined) REPLAY_FORMAT.encode(decoded)
    }
  }
})
