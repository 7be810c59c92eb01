import {
  decryptCallSignalJson,
  EVENT_FLAGS,
  EventCounter,
  generateAesGcmKey,
  MAX_REPLAY_STREAMS,
  openEvent,
  decodeEventHeader,
  ReplayGuard,
  sealEvent,
  sealEventBinary,
} from '@conclave/e2ee'
import { concatBytes, textToBytes, withLength } from '@conclave/base'
import type { RecordStorage } from '@conclave/base'
import type { JsonEnvelope, OpenedOrDroppedEvent } from '@conclave/e2ee'
import { describe, expect, test } from 'vitest'
import { REPLAY_FORMAT } from '../../src/events/replay-record.ts'
import { ReplayState } from '../../src/events/replay-state.ts'
import { failureOf } from '../fixtures.ts'
import { STORAGES } from '../test-storage.ts'

const key = await generateAesGcmKey()
const call = { kind: 'call', callId: 'call-1', eventName: 'call.offer' } as const
const START = Date.UTC(2026, 10, 21)

const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const openWith = async (envelope: unknown, replay: ReplayGuard): Promise<string> =>
  reasonOf(await openEvent(envelope, key, { ...call, replay }))

/** A guard whose clock stands at the start, unless it has its own. */
const guardOf = (
  options: Partial<ConstructorParameters<typeof ReplayGuard>[0]> = {},
): ReplayGuard => new ReplayGuard({ storage: 'none', now: () => START, ...options })

function senderOf(name: string, now: number = START) {
  const counter = new EventCounter({ now })
  return {
    counter,
    seal: (value: unknown): Promise<JsonEnvelope> =>
      sealEvent(value, key, { ...call, sender: name, counter }),
  }
}

/** A call event of stream 0 and sequence 1 that names no sender, and authenticates. */
async function sealByHand(under: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  const header = Uint8Array.of(2, 2, EVENT_FLAGS.numbered, ...new Uint8Array(25), 1)
  const fields = [call.callId, call.eventName].map((text) => withLength(textToBytes(text)))
  const additionalData = concatBytes(textToBytes('conclave/1 event\0'), header, ...fields)
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const parameters = { name: 'AES-GCM', iv, additionalData }
  const sealed = await crypto.subtle.encrypt(parameters, under, textToBytes('1'))
  return concatBytes(header, iv, new Uint8Array(sealed))
}

describe('numbers', () => {
  test('[P39] sequences follow the calls, streams the time', async () => {
    const alice = senderOf('alice')
    const sealed = await Promise.all([0, 1, 2, 3].map((value) => alice.seal(value)))
    expect(sealed.map((envelope) => envelope.sequence)).toEqual([0, 1, 2, 3])
    expect(new Set(sealed.map((envelope) => envelope.stream))).toEqual(
      new Set([alice.counter.stream]),
    )
    const later = new EventCounter({ now: START + 1000 })
    expect(later.stream).toBeGreaterThan(alice.counter.stream)
    expect(Math.floor(later.stream / 2 ** 21)).toBe(START / 1000 + 1)
    expect(Number.isSafeInteger(new EventCounter({ now: 2 ** 32 * 1000 - 1 }).stream)).toBe(true)
    for (const now of [-1, NaN, Infinity, 2 ** 32 * 1000])
      expect(() => new EventCounter({ now })).toThrow(RangeError)
    expect(() => new EventCounter({ now: '5' as never })).toThrow(TypeError)
    const { counter } = alice
    await expect(sealEvent(1, key, { ...call, counter })).rejects.toThrow(/"sender"/)
  })

  test('[P39] stream and sequence are returned, and authenticated in both encodings', async () => {
    const alice = senderOf('alice')
    const event = await alice.seal('x')
    const { stream } = alice.counter
    expect(await openEvent(event, key, call)).toMatchObject({
      type: 'opened',
      sender: 'alice',
      place: { stream, sequence: 0 },
    })
    for (const change of [{ sequence: 1 }, { stream: stream + 1 }]) {
      expect(reasonOf(await openEvent({ ...event, ...change }, key, call))).toBe('not-authentic')
    }
    const binary = await sealEventBinary(1, key, {
      ...call,
      sender: 'alice',
      counter: alice.counter,
    })
    expect(decodeEventHeader(binary)).toMatchObject({ stream, sequence: 1 })
  })
})

describe('replay', () => {
  test('[P40] an event opens once, in either encoding, of a hundred copies at once', async () => {
    const guard = guardOf()
    const event = await senderOf('alice').seal('ring')
    const answers = await Promise.all(Array.from({ length: 100 }, () => openWith(event, guard)))
    expect(answers.filter((answer) => answer === 'opened "ring"')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replay')).toHaveLength(99)
    const options = { callId: 'call-1', eventName: 'call.offer', replay: guard }
    const failure = await failureOf(decryptCallSignalJson(event, key, options))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_REPLAYED', { reason: 'replay' }])
  })

  test('[P40] late events open within the window; a forgery changes no state', async () => {
    const guard = guardOf()
    const alice = senderOf('alice')
    const events = await Promise.all(Array.from({ length: 1026 }, (_, index) => alice.seal(index)))
    expect(await openWith({ ...events[0], sequence: 900_000 }, guard)).toBe('not-authentic')
    expect(await openWith(events[1025], guard)).toBe('opened 1025')
    expect(await openWith(events[1], guard)).toBe('replay')
    expect(await openWith(events[2], guard)).toBe('opened 2')
    expect(await openWith(events[2], guard)).toBe('replay')
  })

  test('[P40] the newest sixteen streams of a sender are kept; an event of an older one is a replay', async () => {
    const guard = guardOf()
    const sessions = Array.from({ length: 18 }, (_, second) =>
      senderOf('alice', START + second * 1000),
    )
    const events = await Promise.all(sessions.map((session, index) => session.seal(index)))
    for (let index = 15; index >= 0; index -= 1)
      expect(await openWith(events[index], guard)).toBe(`opened ${index}`)
    // Many pages of one sender are heard, each as often as it speaks.
    for (const index of [0, 9]) {
      expect(await openWith(await sessions[index]?.seal('more'), guard)).toBe('opened "more"')
    }
    expect(await openWith(events[17], guard)).toBe('opened 17')
    expect(await openWith(events[0], guard)).toBe('replay')
    expect(await openWith(await sessions[0]?.seal('more'), guard)).toBe('replay')
    expect(await openWith(events[1], guard)).toBe('replay')
    expect(await openWith(await sessions[1]?.seal('more'), guard)).toBe('opened "more"')
    expect(await openWith(events[16], guard)).toBe('opened 16')
    expect(MAX_REPLAY_STREAMS).toBe(16)
  })

  test('[P42] rising order refuses an event that arrives after a newer one', async () => {
    const guard = guardOf({ order: 'rising' })
    const [old, young] = [senderOf('alice'), senderOf('alice', START + 5000)]
    const events = await Promise.all([0, 1, 2, 3].map((value) => old.seal(value)))
    expect(await openWith(events[0], guard)).toBe('opened 0')
    expect(await openWith(events[2], guard)).toBe('opened 2')
    expect(await openWith(events[1], guard)).toBe('late')
    expect(await openWith(events[2], guard)).toBe('replay')
    expect(await openWith(await young.seal('y'), guard)).toBe('opened "y"')
    expect(await openWith(events[3], guard)).toBe('late')
    expect(await openWith(await senderOf('alice').seal('z'), guard)).toBe('late')
    expect(await openWith(await senderOf('bob').seal('b'), guard)).toBe('opened "b"')
  })

  test('[P42] of events opened at once, in the order of their numbers, none is late', async () => {
    const guard = guardOf({ order: 'rising' })
    const alice = senderOf('alice')
    const events = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        alice.seal(index % 2 === 0 ? 'x'.repeat(60_000) : index),
      ),
    )
    const done: number[] = []
    const answers = events.map(async (event, index) => {
      const answer = await openWith(event, guard)
      done.push(index)
      return answer.slice(0, 6)
    })
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['opened']))
    expect(done).toEqual(done.toSorted((left, right) => left - right))
  })
})

describe.each(STORAGES)('a guard with a storage %s', (_, TestStorage) => {
  test('[P41] after a reload no opened event opens again, and new ones do', async () => {
    const storage = new TestStorage()
    const alice = senderOf('älice')
    const events = await Promise.all([0, 1, 2, 3].map((value) => alice.seal(value)))
    const before = guardOf({ storage })
    expect(await openWith(events[0], before)).toBe('opened 0')
    expect(await openWith(events[2], before)).toBe('opened 2')
    const after = guardOf({ storage })
    const answers = await Promise.all(events.map((event) => openWith(event, after)))
    expect(answers).toEqual(['replay', 'opened 1', 'replay', 'opened 3'])
  })

  test('[P41] no event is returned before its state is stored; events that arrive meanwhile share a write', async () => {
    const storage = new TestStorage()
    const alice = senderOf('alice')
    const events = await Promise.all(Array.from({ length: 20 }, (_, index) => alice.seal(index)))
    const guard = guardOf({ storage })
    let release = (): void => {}
    storage.gate = new Promise((resolve) => (release = resolve))
    let answered = 0
    const answers = events.map(async (event) => {
      const answer = await openWith(event, guard)
      answered += 1
      return answer
    })
    // Another guard takes longer than all that could be wrong here.
    const other = guardOf({ storage: new TestStorage() })
    for (const event of events) await openWith(event, other)
    expect(answered).toBe(0)
    release()
    expect((await Promise.all(answers)).every((answer) => answer.startsWith('opened'))).toBe(true)
    expect(storage.writes).toBeLessThanOrEqual(2)
    const after = guardOf({ storage })
    for (const event of events) expect(await openWith(event, after)).toBe('replay')
  })

  test('[P21, P41] a numbered event without a sender, which a member may write by hand, damages no record', async () => {
    const storage = new TestStorage()
    const event = await sealByHand(key)
    expect(decodeEventHeader(event)).toBeUndefined()
    expect(await openWith(event, guardOf({ storage }))).toBe('malformed')
    const honest = await senderOf('alice').seal(1)
    expect(await openWith(honest, guardOf({ storage }))).toBe('opened 1')
    expect(await openWith(honest, guardOf({ storage }))).toBe('replay')
  })

  test('[P41] a write that fails lets the event be opened again', async () => {
    const storage = new TestStorage()
    const guard = guardOf({ storage })
    const alice = senderOf('alice')
    const [one, two] = [await alice.seal(1), await alice.seal(2)]
    storage.fails = true
    await expect(openWith(one, guard)).rejects.toMatchObject({
      code: 'ERR_E2EE_STORAGE',
      cause: { message: 'disk full' },
    })
    const both = await Promise.allSettled([openWith(one, guard), openWith(two, guard)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    storage.fails = false
    expect(await openWith(two, guard)).toBe('opened 2')
    expect(await openWith(one, guard)).toBe('opened 1')
    expect(await openWith(one, guard)).toBe('replay')
  })

  test('[P41] two pages merge their states', async () => {
    const storage = new TestStorage()
    const [here, there] = [guardOf({ storage }), guardOf({ storage })]
    const [alice, bob] = [senderOf('alice'), senderOf('bob')]
    const [a, b, c] = [await alice.seal('a'), await bob.seal('b'), await alice.seal('c')]
    expect(await openWith(a, here)).toBe('opened "a"')
    expect(await openWith(b, there)).toBe('opened "b"')
    expect(await openWith(c, here)).toBe('opened "c"')
    expect(await openWith(c, there)).toBe('opened "c"')
    const after = guardOf({ storage })
    for (const event of [a, b, c]) expect(await openWith(event, after)).toBe('replay')
  })

  test('[P41] a malformed record and a storage that keeps changing are ERR_E2EE_STORAGE', async () => {
    const event = await senderOf('alice').seal(1)
    const storage = new TestStorage()
    expect(await openWith(event, guardOf({ storage }))).toBe('opened 1')
    const good = storage.stored?.bytes ?? new Uint8Array()
    const bad = [
      new Uint8Array(),
      good.subarray(1),
      good.subarray(0, -1),
      Uint8Array.of(...good, 0),
    ]
    for (let length = 0; length < good.length; length += 7) bad.push(good.subarray(0, length))
    for (const bytes of bad) {
      storage.stored = { bytes, version: 'x' }
      const failure = await failureOf(openWith(event, guardOf({ storage })))
      expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
    }
    const busy: RecordStorage = { read: async () => undefined, write: async () => undefined }
    const failure = await failureOf(openWith(event, guardOf({ storage: busy })))
    expect(failure.details).toEqual({ reason: 'conflict' })
  })
})

describe('saved replay state', () => {
  test('[P41] any bytes for a record decode to nothing or to a state, and never throw', () => {
    const state = new ReplayState()
    const rules = { rising: false, now: Number.MAX_SAFE_INTEGER }
    for (const [keyId, sender, stream] of [
      ['k', 'a', 1],
      ['k', 'a', 2],
      ['', 'b', 2 ** 53 - 1],
    ] as const) {
      for (let sequence = 0; sequence < 40; sequence += 3)
        state.admit({ keyId, contextId: 'x', sender, stream, sequence }, rules)
    }
    const bytes = REPLAY_FORMAT.encode(state)
    const again = REPLAY_FORMAT.decode(bytes)
    expect(again && REPLAY_FORMAT.encode(again)).toEqual(bytes)
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0, 1, 255]) {
        const changed = bytes.slice()
        changed[at] = value
        const decoded = REPLAY_FORMAT.decode(changed)
        if (decoded !== undefined) REPLAY_FORMAT.encode(decoded)
      }
    }
  })

  test('[P46] wrong arguments are TypeErrors', () => {
    expect(() => new ReplayGuard({ storage: {} as never })).toThrow(/"storage"/)
    expect(() => new ReplayGuard({ storage: 'none', order: 'x' as never })).toThrow(/"order"/)
    expect(() => new ReplayGuard({ storage: 'none', now: 5 as never })).toThrow(/"now"/)
  })
})
