import {
  decryptCallSignalJson,
  EVENT_FLAGS,
  EventCounter,
  generateAesGcmKey,
  MAX_REPLAY_SENDERS,
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
import { ReplayState } from '../../src/events/replay-state.ts'
import { failureOf } from '../fixtures.ts'

const key = await generateAesGcmKey()
const call = { kind: 'call', callId: 'call-1', eventName: 'call.offer' } as const
const START = Date.UTC(2026, 10, 21)

const reasonOf = (opened: OpenedOrDroppedEvent): string =>
  opened.type === 'opened' ? `opened ${JSON.stringify(opened.value)}` : opened.reason
const openWith = async (envelope: unknown, replay: ReplayGuard): Promise<string> =>
  reasonOf(await openEvent(envelope, key, { ...call, replay }))

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

/** A storage in memory, whose writes can be held up and made to fail. */
class TestStorage implements RecordStorage {
  stored: { bytes: Uint8Array; version: string } | undefined
  writes = 0
  fails = false
  gate: Promise<void> = Promise.resolve()

  async read() {
    return this.stored && { ...this.stored, bytes: this.stored.bytes.slice() }
  }

  async write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined> {
    await this.gate
    if (this.fails) throw new Error('disk full')
    if (this.stored?.version !== expected) return undefined
    this.writes += 1
    this.stored = { bytes: bytes.slice(), version: `${this.writes}` }
    return this.stored.version
  }
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
    const guard = new ReplayGuard()
    const event = await senderOf('alice').seal('ring')
    const answers = await Promise.all(Array.from({ length: 100 }, () => openWith(event, guard)))
    expect(answers.filter((answer) => answer === 'opened "ring"')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'replay')).toHaveLength(99)
    const options = { callId: 'call-1', eventName: 'call.offer', replay: guard }
    const failure = await failureOf(decryptCallSignalJson(event, key, options))
    expect([failure.code, failure.details]).toEqual(['ERR_E2EE_REPLAYED', { reason: 'replay' }])
  })

  test('[P40] late events open within the window; a forgery changes no state', async () => {
    const guard = new ReplayGuard()
    const alice = senderOf('alice')
    const events = await Promise.all(Array.from({ length: 1026 }, (_, index) => alice.seal(index)))
    expect(await openWith({ ...events[0], sequence: 900_000 }, guard)).toBe('not-authentic')
    expect(await openWith(events[1025], guard)).toBe('opened 1025')
    expect(await openWith(events[1], guard)).toBe('replay')
    expect(await openWith(events[2], guard)).toBe('opened 2')
    expect(await openWith(events[2], guard)).toBe('replay')
  })

  test('[P30, P40] an event without a number is refused where a guard is', async () => {
    const guard = new ReplayGuard()
    const event = await sealEvent(1, key, { ...call, sender: 'alice' })
    expect(await openWith(event, guard)).toBe('unnumbered')
    const options = { callId: 'call-1', eventName: 'call.offer', replay: guard }
    expect((await failureOf(decryptCallSignalJson(event, key, options))).details).toEqual({
      reason: 'unnumbered',
    })
  })

  test('[P40] the newest four streams of a sender are kept; an event of an older one is a replay', async () => {
    const guard = new ReplayGuard()
    const sessions = [0, 1, 2, 3, 4, 5].map((second) => senderOf('alice', START + second * 1000))
    const events = await Promise.all(sessions.map((session, index) => session.seal(index)))
    for (const index of [1, 3, 2, 0])
      expect(await openWith(events[index], guard)).toBe(`opened ${index}`)
    expect(await openWith(events[5], guard)).toBe('opened 5')
    expect(await openWith(events[0], guard)).toBe('replay')
    expect(await openWith(await sessions[0]?.seal('more'), guard)).toBe('replay')
    expect(await openWith(events[1], guard)).toBe('replay')
    expect(await openWith(await sessions[1]?.seal('more'), guard)).toBe('opened "more"')
    expect(await openWith(events[4], guard)).toBe('opened 4')
    expect(MAX_REPLAY_STREAMS).toBe(4)
  })

  test('[P40] senders are bounded, and no sender is evicted for another', async () => {
    const state = new ReplayState()
    for (let index = 0; index < MAX_REPLAY_SENDERS; index += 1)
      state.accept({ sender: `s${index}`, stream: 1, sequence: 0 })
    expect(state.refusalOf({ sender: 'new', stream: 1, sequence: 0 }, false)).toBe(
      'too-many-senders',
    )
    expect(state.refusalOf({ sender: 's0', stream: 1, sequence: 0 }, false)).toBe('replay')
    expect(state.refusalOf({ sender: 's0', stream: 1, sequence: 1 }, false)).toBeUndefined()
  })

  test('[P42] rising order refuses an event that arrives after a newer one', async () => {
    const guard = new ReplayGuard({ order: 'rising' })
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
    const guard = new ReplayGuard({ order: 'rising' })
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

describe('saved replay state', () => {
  test('[P41] after a reload no opened event opens again, and new ones do', async () => {
    const storage = new TestStorage()
    const alice = senderOf('älice')
    const events = await Promise.all([0, 1, 2, 3].map((value) => alice.seal(value)))
    const before = new ReplayGuard({ storage })
    expect(await openWith(events[0], before)).toBe('opened 0')
    expect(await openWith(events[2], before)).toBe('opened 2')
    const after = new ReplayGuard({ storage })
    const answers = await Promise.all(events.map((event) => openWith(event, after)))
    expect(answers).toEqual(['replay', 'opened 1', 'replay', 'opened 3'])
  })

  test('[P41] no event is returned before its state is stored; events that arrive meanwhile share a write', async () => {
    const storage = new TestStorage()
    const alice = senderOf('alice')
    const events = await Promise.all(Array.from({ length: 20 }, (_, index) => alice.seal(index)))
    const guard = new ReplayGuard({ storage })
    let release = (): void => {}
    storage.gate = new Promise((resolve) => (release = resolve))
    let answered = 0
    const answers = events.map(async (event) => {
      const answer = await openWith(event, guard)
      answered += 1
      return answer
    })
    // Another guard takes longer than all that could be wrong here.
    const other = new ReplayGuard({ storage: new TestStorage() })
    for (const event of events) await openWith(event, other)
    expect(answered).toBe(0)
    release()
    expect((await Promise.all(answers)).every((answer) => answer.startsWith('opened'))).toBe(true)
    expect(storage.writes).toBeLessThanOrEqual(2)
    const after = new ReplayGuard({ storage })
    for (const event of events) expect(await openWith(event, after)).toBe('replay')
  })

  test('[P21, P41] a numbered event without a sender, which a member may write by hand, damages no record', async () => {
    const storage = new TestStorage()
    const event = await sealByHand(key)
    expect(decodeEventHeader(event)).toBeUndefined()
    expect(await openWith(event, new ReplayGuard({ storage }))).toBe('malformed')
    const honest = await senderOf('alice').seal(1)
    expect(await openWith(honest, new ReplayGuard({ storage }))).toBe('opened 1')
    expect(await openWith(honest, new ReplayGuard({ storage }))).toBe('replay')
  })

  test('[P41] a write that fails lets the event be opened again', async () => {
    const storage = new TestStorage()
    const guard = new ReplayGuard({ storage })
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
    const [here, there] = [new ReplayGuard({ storage }), new ReplayGuard({ storage })]
    const [alice, bob] = [senderOf('alice'), senderOf('bob')]
    const [a, b, c] = [await alice.seal('a'), await bob.seal('b'), await alice.seal('c')]
    expect(await openWith(a, here)).toBe('opened "a"')
    expect(await openWith(b, there)).toBe('opened "b"')
    expect(await openWith(c, here)).toBe('opened "c"')
    expect(await openWith(c, there)).toBe('opened "c"')
    const after = new ReplayGuard({ storage })
    for (const event of [a, b, c]) expect(await openWith(event, after)).toBe('replay')
  })

  test('[P41] a malformed record and a storage that keeps changing are ERR_E2EE_STORAGE', async () => {
    const event = await senderOf('alice').seal(1)
    const storage = new TestStorage()
    expect(await openWith(event, new ReplayGuard({ storage }))).toBe('opened 1')
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
      const failure = await failureOf(openWith(event, new ReplayGuard({ storage })))
      expect([failure.code, failure.details]).toEqual(['ERR_E2EE_STORAGE', { reason: 'damaged' }])
    }
    const busy: RecordStorage = { read: async () => undefined, write: async () => undefined }
    const failure = await failureOf(openWith(event, new ReplayGuard({ storage: busy })))
    expect(failure.details).toEqual({ reason: 'conflict' })
  })

  test('[P41] any bytes for a record decode to nothing or to a state, and never throw', () => {
    const state = new ReplayState()
    for (const [sender, stream] of [
      ['a', 1],
      ['a', 2],
      ['b', 2 ** 53 - 1],
    ] as const) {
      for (let sequence = 0; sequence < 40; sequence += 3)
        state.accept({ sender, stream, sequence })
    }
    const bytes = state.encode()
    expect(ReplayState.decode(bytes)?.encode()).toEqual(bytes)
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice()
      changed[at] = 255
      ReplayState.decode(changed)
    }
  })

  test('[P46] wrong arguments are TypeErrors', () => {
    expect(() => new ReplayGuard({ storage: {} as never })).toThrow(/"storage"/)
    expect(() => new ReplayGuard({ order: 'x' as never })).toThrow(/"order"/)
  })
})
