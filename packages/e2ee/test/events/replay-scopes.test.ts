import {
  decryptChatJson,
  EventCounter,
  Keyring,
  openEvent,
  ReplayGuard,
  sealEvent,
} from '@conclave/e2ee'
import type { ExpectedEventContext } from '@conclave/e2ee'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { REPLAY_FORMAT } from '../../src/events/replay-record.ts'
import {
  MAX_REPLAY_CHANNELS,
  MAX_REPLAY_WINDOWS,
  ReplayState,
} from '../../src/events/replay-state.ts'
import { TestStorage } from '../test-storage.ts'
import { failureOf, rootOf } from '../fixtures.ts'

const START = Date.UTC(2026, 10, 21)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const place = { kind: 'chat', roomId: 'a', messageId: 'm' } as const

/** A stream that begins at a time. */
const streamAt = (ms: number, random = 0): number => Math.floor(ms / 1000) * 2 ** 21 + random
const rules = { rising: false, now: START }
const eventOf = (change: object = {}) => ({
  ...{ keyId: 'k', contextId: 'room', sender: 'alice', stream: streamAt(START), sequence: 0 },
  ...change,
})

function ringOf(keyId: string, root: number): Keyring {
  const ring = new Keyring()
  ring.rotate({ keyId, epoch: 1, key: rootOf(root) })
  return ring
}

/** A counter that a member writes by hand. */
const counterAt = (stream: number, sequence = 0) =>
  ({ take: () => ({ stream, sequence }) }) as never

test('[P40] an event of one room takes no number in another, nor under another key', async () => {
  const ring = ringOf('a', 1)
  ring.add({ keyId: 'b', epoch: 1, key: rootOf(2) })
  const replay = new ReplayGuard({ storage: 'none', now: () => START })
  const real = { ...place, roomId: 'b', sender: 'alice' }
  const counter = new EventCounter({ now: START })
  const event = await sealEvent('important', ringOf('b', 2), { ...real, counter })
  const copied = counterAt(event.stream ?? 0)
  const open = async (envelope: unknown, context: ExpectedEventContext) =>
    (await openEvent(envelope, ring, { ...context, replay, self: 'receiver' })).type
  const places: ExpectedEventContext[] = [
    place,
    { kind: 'call', callId: 'b', eventName: 'x' },
    { kind: 'realtime', scope: 'x', scopeId: 'b', eventName: 'x' },
    { ...place, roomId: 'b' },
  ]
  for (const other of places) {
    const options = { ...other, sender: 'alice', counter: copied } as never
    expect(await open(await sealEvent('x', ringOf('a', 1), options), other)).toBe('opened')
  }
  expect(await open(event, { ...place, roomId: 'b' })).toBe('opened')
  expect(await open(event, { ...place, roomId: 'b' })).toBe('dropped')
})

test('[P57] events from the far future are named as such, and mute nobody', async () => {
  const [bob, mallory] = [ringOf('k', 1), ringOf('k', 1)]
  let now = START
  const replay = new ReplayGuard({ storage: 'none', now: () => now })
  const say = async (counter: EventCounter): Promise<string> => {
    const event = await sealEvent('x', mallory, { ...place, sender: 'alice', counter })
    const opened = await openEvent(event, bob, { ...place, replay, self: 'receiver' })
    return opened.type === 'opened' ? 'opened' : opened.reason
  }
  for (let index = 0; index < 100; index += 1) {
    expect(await say(counterAt(Number.MAX_SAFE_INTEGER - index))).toBe('ahead')
  }
  expect(await say(counterAt(streamAt(START + DAY + 1000)))).toBe('ahead')
  now += HOUR
  expect(await say(new EventCounter({ now }))).toBe('opened')
})

test('[P57] a clock that was wrong and is mended mutes no sender, in any order', async () => {
  for (const order of ['any', 'rising'] as const) {
    for (const wrong of [HOUR, 20 * HOUR, 2 * DAY, 400 * DAY]) {
      const [alice, bob] = [ringOf('k', 1), ringOf('k', 1)]
      let now = START
      const replay = new ReplayGuard({ storage: 'none', order, now: () => now })
      const say = async (counter: EventCounter): Promise<string> => {
        const event = await sealEvent('x', alice, { ...place, sender: 'alice', counter })
        const opened = await openEvent(event, bob, { ...place, replay, self: 'receiver' })
        return opened.type === 'opened' ? 'opened' : opened.reason
      }
      const ahead = await say(new EventCounter({ now: START + wrong }))
      expect(ahead).toBe(wrong > DAY ? 'ahead' : 'opened')
      // Her clock is mended. Then it is the receiver's that is wrong for a while.
      const mended = new EventCounter({ now: START })
      expect(await say(mended)).toBe('opened')
      now = START + wrong + HOUR
      expect(await say(mended)).toBe('opened')
      now = START - 2 * DAY
      expect(await say(mended)).toBe('opened')
      expect(await say(new EventCounter({ now: START + 1000 }))).toBe('ahead')
      now = START + 2000
      expect(await say(new EventCounter({ now: START + 1000 }))).toBe('opened')
    }
  }
})

test('[P42, P57] in rising order what was ahead ends with the next stream, and a stream that was held back is late', () => {
  const state = new ReplayState()
  const rising = { rising: true, now: START }
  const [ahead, mended] = [streamAt(START + HOUR), streamAt(START)]
  expect(state.admit(eventOf({ stream: ahead }), rising)).toBeUndefined()
  expect(state.admit(eventOf({ stream: mended }), rising)).toBeUndefined()
  expect(state.admit(eventOf({ stream: ahead, sequence: 1 }), rising)).toBe('replay')
  expect(state.admit(eventOf({ stream: streamAt(START - HOUR) }), rising)).toBe('late')
  const later = { rising: true, now: START + 2 * HOUR }
  expect(state.admit(eventOf({ stream: mended, sequence: 1 }), later)).toBeUndefined()
})

test('[P40] a flood in one channel forgets only its own, and opens nothing again', () => {
  const state = new ReplayState()
  const quiet = Array.from({ length: 200 }, (_, index) =>
    eventOf({ contextId: 'quiet', sender: `s${index}`, stream: streamAt(START - DAY, index) }),
  )
  for (const event of quiet) expect(state.admit(event, rules)).toBeUndefined()
  const flood = Array.from({ length: 3 * MAX_REPLAY_WINDOWS }, (_, index) =>
    eventOf({ sender: `ghost ${index}`, stream: streamAt(START - HOUR, index) }),
  )
  for (const event of flood) expect(state.admit(event, rules)).toBeUndefined()
  for (const event of [...quiet, ...flood]) expect(state.admit(event, rules)).toBe('replay')
  for (const event of quiet) expect(state.admit({ ...event, sequence: 1 }, rules)).toBeUndefined()
  // A newcomer is heard, in the flooded channel too.
  expect(state.admit(eventOf({ sender: 'carol' }), rules)).toBeUndefined()
  const windows = [...state.channelByName.values()].reduce((sum, of) => sum + of.windows, 0)
  expect(windows).toBeLessThanOrEqual(MAX_REPLAY_WINDOWS)
  const bytes = REPLAY_FORMAT.encode(state)
  expect(bytes.length).toBeLessThanOrEqual(REPLAY_FORMAT.maxBytes)
  const again = REPLAY_FORMAT.decode(bytes)
  for (const event of [...quiet, ...flood]) expect(again?.refusalOf(event, rules)).toBe('replay')
})

test('[P40] channels are bounded; of one that was forgotten nothing opens again', () => {
  const state = new ReplayState()
  const events = Array.from({ length: MAX_REPLAY_CHANNELS + 50 }, (_, index) =>
    eventOf({ contextId: `call ${index}`, stream: streamAt(START - HOUR + index * 1000) }),
  )
  for (const event of events) expect(state.admit(event, rules)).toBeUndefined()
  expect(state.channelByName.size).toBe(MAX_REPLAY_CHANNELS)
  for (const event of events) expect(state.admit(event, rules)).toBe('replay')
})

test('[P40, P41] by no history, merge or reload does an event open twice', () => {
  const events = fc.record({
    contextId: fc.constantFrom('a', 'b'),
    sender: fc.constantFrom('alice', 'bob'),
    second: fc.integer({ min: -40, max: 100 }),
    sequence: fc.nat(3),
  })
  const step = fc.record({
    event: events,
    at: fc.integer({ min: -30, max: 100 }),
    page: fc.nat(1),
    merges: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.boolean(), (steps, rising) => {
      const opened = [new Set<string>(), new Set<string>()]
      const pages = [new ReplayState(), new ReplayState()]
      for (const { event, at, page, merges } of steps) {
        const { second, ...names } = event
        const given = { ...names, keyId: '', stream: streamAt(START + second * 1000) }
        const name = JSON.stringify(given)
        const [own, other] = [opened[page], opened[1 - page]]
        const now = { rising, now: START + at * 1000 }
        const isAdmitted = pages[page]?.admit(given, now) === undefined
        expect(isAdmitted && own?.has(name)).toBe(false)
        if (isAdmitted) own?.add(name)
        if (!merges) continue
        const stored = REPLAY_FORMAT.encode(pages[page] ?? new ReplayState())
        const read = REPLAY_FORMAT.decode(stored)
        if (read === undefined) throw new Error('expected a state')
        pages[1 - page]?.merge(read)
        for (const each of own ?? []) other?.add(each)
      }
    }),
    { numRuns: 300 },
  )
})

test('[P41] a write that fails stores nothing later, also where another page wrote meanwhile', async () => {
  const storage = new TestStorage()
  const [alice, bob] = [ringOf('k', 1), ringOf('k', 1)]
  const counter = new EventCounter({ now: START })
  const guard = (): ReplayGuard => new ReplayGuard({ storage, now: () => START })
  const [here, there] = [guard(), guard()]
  const openWith = async (event: unknown, replay: ReplayGuard): Promise<string> => {
    const opened = await openEvent(event, bob, { ...place, replay, self: 'receiver' })
    return opened.type === 'opened' ? `opened ${String(opened.value)}` : opened.reason
  }
  const [first, mine, other, last] = await Promise.all(
    [1, 2, 3, 4].map((x) => sealEvent(x, alice, { ...place, sender: 'alice', counter })),
  )
  expect(await openWith(first, here)).toBe('opened 1')
  expect(await openWith(other, there)).toBe('opened 3')
  // The first attempt finds the other page's record, and the second one fails.
  let attempts = 0
  const write = storage.write.bind(storage)
  storage.write = async (bytes, expected) => {
    attempts += 1
    if (attempts === 2) throw new Error('disk full')
    return write(bytes, expected)
  }
  await expect(openWith(mine, here)).rejects.toMatchObject({ code: 'ERR_E2EE_STORAGE' })
  expect(await openWith(last, here)).toBe('opened 4')
  expect(await openWith(mine, guard())).toBe('opened 2')
  for (const event of [first, other, last]) {
    expect(await openWith(event, guard())).toBe('replay')
  }
})

test('[P30, P40] an event without a number is refused where a guard is', async () => {
  const ring = ringOf('k', 1)
  const event = await sealEvent(1, ring, { ...place, sender: 'alice' })
  const options = { ...place, self: 'bob', replay: new ReplayGuard({ storage: 'none' }) }
  expect(await openEvent(event, ring, options)).toEqual({ type: 'dropped', reason: 'unnumbered' })
  const failure = await failureOf(decryptChatJson(event, ring, options))
  expect([failure.code, failure.details]).toEqual(['ERR_E2EE_REPLAYED', { reason: 'unnumbered' }])
})
