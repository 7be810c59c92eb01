/** Sealed events: what carriers deliver, to those that hold a key. */
import type { RecordStorage } from '@conclave/base'
import { isDeepStrictEqual, types } from 'node:util'
import {
  decryptCallSignalJson,
  decryptChatJson,
  decryptRealtimeJson,
  envelopeToBinary,
  envelopeToJson,
  importAesGcmKeyFromBase64,
  Keyring,
  MAX_JSON_DEPTH,
  openEvent,
  readEventHeader,
  ReplayGuard,
  sealEvent,
} from '@conclave/e2ee'
import type { EventContext, OpenedOrDroppedEvent, OpenEventOptions } from '@conclave/e2ee'
import { decodeBody } from '../../../packages/e2ee/src/events/event-body.ts'
import { ReplayState } from '../../../packages/e2ee/src/events/replay-state.ts'
import { hasTraps, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomJson, randomText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { argumentErrorOf, codeOf, FuzzFailure, mustEqual, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { isSameView, judge, makeEnvelope, sealAll, visibleIn } from './event-corpus.ts'
import type { Corpus } from './event-corpus.ts'

const envelopes: FuzzTarget = {
  name: 'event/envelope',
  share: 90,
  async prepare() {
    const corpus = await sealAll('ring')
    return {
      attempt(random, note) {
        const input = makeEnvelope(random, corpus)
        note(input)
        const header = readEventHeader(input)
        const [json, binary] = [envelopeToJson(input), envelopeToBinary(input)]
        if (hasTraps(input)) return 'no matter what'
        mustHold((header === undefined) === (json === undefined), 'all readers agree')
        mustHold((binary === undefined) === (json === undefined), 'all readers agree')
        if (json === undefined || binary === undefined) return 'refused'
        mustEqual(envelopeToJson(binary), json, 'one form in each encoding')
        mustEqual(envelopeToBinary(json), binary, 'one form in each encoding')
        mustEqual(readEventHeader(json), header, 'the same header')
        mustEqual(JSON.parse(JSON.stringify(json)), json, 'survives JSON')
        if (ArrayBuffer.isView(input)) mustHold(isSameView(input, binary), 'as it came')
        else mustEqual(visibleIn(input), json, 'as it came')
        return 'accepted'
      },
    }
  },
}

const opening = (name: string, kind: 'bare' | 'ring', share: number): FuzzTarget => ({
  name,
  share,
  async prepare() {
    const corpus = await sealAll(kind)
    const other = await sealAll(kind === 'bare' ? 'ring' : 'bare')
    const held = corpus.key instanceof Keyring ? JSON.stringify(corpus.key.keys) : ''
    return {
      async attempt(random, note) {
        const input = makeEnvelope(random, random.oneIn(12) ? other : corpus)
        note(input)
        const { context, options } = expectation(random, corpus)
        return judge(input, await openEvent(input, corpus.key, options), { corpus, context })
      },
      async finish() {
        if (corpus.key instanceof Keyring)
          mustHold(JSON.stringify(corpus.key.keys) === held, 'the ring holds what it held')
        for (const { context, json, binary, answer } of corpus.cases) {
          mustEqual(await openEvent(json, corpus.key, context), answer, 'still opens')
          mustEqual(await openEvent(binary, corpus.key, context), answer, 'still opens')
        }
      },
    }
  },
})

const guarded: FuzzTarget = {
  name: 'event/open-guarded',
  share: 25,
  async prepare() {
    const corpus = await sealAll('ring')
    const numbered = corpus.cases.filter(({ json }) => json.stream !== undefined)
    return {
      async attempt(random, note) {
        const input = makeEnvelope(random, corpus)
        note(input)
        const storage = random.oneIn(8) ? new DamagedStorage(random) : undefined
        const replay = new ReplayGuard({
          ...(storage && { storage }),
          order: random.pick(['any', 'rising']),
        })
        const chosen = random.pick(numbered)
        const context = random.oneIn(3) ? random.pick(corpus.cases).context : chosen.context
        const options = { ...context, replay } as EventContext & OpenEventOptions
        let answer: OpenedOrDroppedEvent
        try {
          answer = await openEvent(input, corpus.key, options)
        } catch (error) {
          const code = codeOf(error, STORAGE_CODES)
          mustHold(storage !== undefined && storage.writes === 0, 'nothing was written')
          return code
        }
        const verdict = judge(input, answer, { corpus, context })
        if (verdict === 'opened' || storage !== undefined) return verdict
        // What was refused has changed nothing: the real one opens, once.
        const place = readEventHeader(chosen.json)
        if (place === undefined) throw new Error('expected a header')
        mustHold(replay.peek(place) === undefined, 'the guard is as it was')
        if (!random.oneIn(50)) return verdict
        const real = { ...chosen.context, replay }
        mustEqual(await openEvent(chosen.json, corpus.key, real), chosen.answer, 'still opens')
        const again = await openEvent(chosen.binary, corpus.key, real)
        if (again.type !== 'dropped') throw new FuzzFailure('forged', 'opened twice')
        mustHold(again.reason === 'replay', 'a replay, and said so')
        return verdict
      },
    }
  },
}

const rejecting: FuzzTarget = {
  name: 'event/decrypt-json',
  share: 40,
  async prepare() {
    const corpus = await sealAll('ring')
    return {
      async attempt(random, note) {
        const input = makeEnvelope(random, corpus)
        note(input)
        const context = random.pick(corpus.cases).context
        const answers = corpus.answersByContext.get(JSON.stringify(context)) ?? []
        const { key } = corpus
        try {
          const value =
            context.kind === 'chat'
              ? await decryptChatJson(input, key, context)
              : context.kind === 'call'
                ? await decryptCallSignalJson(input, key, context)
                : await decryptRealtimeJson(input, key, context)
          const known = answers.some(
            (answer) => answer.type === 'opened' && isDeepStrictEqual(answer.value, value),
          )
          if (!known) throw new FuzzFailure('forged', 'decrypted what nobody encrypted')
          return 'decrypted'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return codeOf(error, OPEN_CODES)
        }
      },
    }
  },
}

const keyTexts: FuzzTarget = {
  name: 'event/import-key',
  share: 20,
  async prepare() {
    const valid = [0, 1, 250, 255].map((fill) => Buffer.alloc(32, fill).toString('base64'))
    return {
      async attempt(random, note) {
        const input = random.oneIn(6) ? hostileValue(random) : mutateText(random, valid, 60)
        note(input)
        try {
          const key = await importAesGcmKeyFromBase64(input as string)
          const raw = new Uint8Array(await crypto.subtle.exportKey('raw', key))
          mustHold(Buffer.from(raw).toString('base64') === input, 'the one text of its bytes')
          return 'imported'
        } catch (error) {
          if (error instanceof FuzzFailure) throw error
          return typeof input === 'string'
            ? codeOf(error, new Set(['ERR_E2EE_MALFORMED']))
            : argumentErrorOf(error)
        }
      },
    }
  },
}

const bodies: FuzzTarget = {
  name: 'event/body',
  share: 60,
  async prepare() {
    const encoder = new TextEncoder()
    const valid = ['{"a":1}', '"x"', 'null', '[[[1]]]', '\u0000\u0001n{}', '{}\u0080'].map((text) =>
      Uint8Array.from(encoder.encode(text)),
    )
    valid.push(Uint8Array.of(0, 1, 110, 49, 0x80, ...new Uint8Array(59)))
    return {
      attempt(random, note) {
        const bytes = random.oneIn(2)
          ? mutateBytes(random, valid, 256)
          : encoder.encode(randomJson(random, random.oneIn(20) ? 80 : 4))
        const flags = random.below(32)
        note({ bytes, flags })
        const body = decodeBody(new Uint8Array(bytes), { flags, maxBytes: 1 + random.below(4096) })
        if (body === undefined) return 'refused'
        mustHold(depthOf(body.value) <= MAX_JSON_DEPTH, 'not deeper than it may be')
        mustHold(body.value instanceof Uint8Array === ((flags & 4) !== 0), 'bytes are bytes')
        return (flags & 4) === 0 ? 'JSON' : 'bytes'
      },
    }
  },
}

const replayRecords: FuzzTarget = {
  name: 'event/replay-record',
  share: 40,
  async prepare() {
    const state = new ReplayState()
    const valid = [state.encode()]
    for (let sequence = 0; sequence < 40; sequence += 3) {
      for (const sender of ['a', 'é', 'user-1']) {
        const stream = 2 ** 52 + (sequence % 4)
        const event = { sender, stream, sequence: sequence * 100 }
        if (state.refusalOf(event, false) === undefined) state.accept(event)
      }
      valid.push(state.encode())
    }
    return {
      attempt(random, note) {
        const bytes = mutateBytes(random, valid)
        note(bytes)
        const decoded = ReplayState.decode(bytes)
        if (decoded === undefined) return 'refused'
        mustHold(toHex(decoded.encode()) === toHex(bytes), 'every state has one record')
        const event = {
          sender: 'a',
          stream: 2 ** 52 + random.below(5),
          sequence: random.below(4200),
        }
        if (decoded.refusalOf(event, random.oneIn(2)) === undefined) {
          decoded.accept(event)
          mustHold(decoded.refusalOf(event, false) === 'replay', 'what was accepted is seen')
        }
        const merged = new ReplayState()
        merged.merge(decoded)
        mustHold(ReplayState.decode(merged.encode()) !== undefined, 'what is merged can be read')
        return 'read'
      },
    }
  },
}

/** The caller's own mistakes: an error that names the argument, and nothing else. */
const callerMistakes: FuzzTarget = {
  name: 'event/arguments',
  share: 25,
  async prepare() {
    const { key, cases } = await sealAll('ring')
    return {
      async attempt(random, note) {
        const { context, json } = random.pick(cases)
        const name = random.pick(ARGUMENTS)
        // A getter that throws is the caller's own error, and comes out as it is.
        const value = random.oneIn(2) ? plainValue(random) : randomText(random, 1100)
        const options = { ...context, [name]: value } as never
        const isOpening = random.oneIn(2)
        const [first, second] = random.oneIn(5)
          ? [value, key]
          : [json, random.oneIn(5) ? value : key]
        note({ isOpening, options, first, second })
        try {
          if (!isOpening) {
            await sealEvent(first, second as CryptoKey, options)
            return 'sealed'
          }
          const answer = await openEvent(first, second as CryptoKey, options)
          return answer.type === 'opened' ? 'opened' : answer.reason
        } catch (error) {
          if ((error as { readonly name?: unknown }).name === 'E2eeError')
            return codeOf(error, isOpening ? STORAGE_CODES : SEAL_CODES)
          return argumentErrorOf(error)
        }
      },
    }
  },
}

/** What a receiver insists on: the context of some event, more often than not nothing else. */
function expectation(
  random: Random,
  corpus: Corpus,
): { readonly context: EventContext; readonly options: EventContext & OpenEventOptions } {
  const { context, answer } = random.pick(corpus.cases)
  if (!random.oneIn(4) || answer.type === 'dropped') return { context, options: context }
  const { keyId, keyVersion, sender } = answer
  const options = {
    ...context,
    ...(random.oneIn(2) && keyId !== '' && { keyId }),
    ...(random.oneIn(2) && { keyVersion }),
    ...(random.oneIn(2) && { minKeyVersion: random.below(3) }),
    ...(random.oneIn(2) && sender !== undefined && { sender }),
    ...(random.oneIn(4) && { maxBytes: random.below(200) }),
  }
  return { context, options }
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0
  mustHold(!Object.hasOwn(value, '__proto__'), 'no key __proto__')
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function plainValue(random: Random): unknown {
  for (;;) {
    const value = hostileValue(random, 0)
    if (typeof value !== 'object' || value === null) return value
    if (!types.isProxy(value) && ArrayBuffer.isView(value)) return value
  }
}

/** Holds something else than a guard wrote. */
class DamagedStorage implements RecordStorage {
  writes = 0
  readonly #bytes: Uint8Array

  constructor(random: Random) {
    this.#bytes = random.bytes(1 + random.length(40))
  }

  async read(): Promise<{ bytes: Uint8Array; version: string }> {
    return { bytes: this.#bytes, version: '1' }
  }

  async write(): Promise<string | undefined> {
    this.writes += 1
    return '2'
  }
}

const ARGUMENTS = [
  ...['kind', 'roomId', 'messageId', 'callId', 'eventName', 'scope', 'scopeId', 'keyId', 'sender'],
  ...['keyVersion', 'minKeyVersion', 'maxBytes', 'padding', 'hideEventName', 'replay'],
]
const STORAGE_CODES: ReadonlySet<string> = new Set(['ERR_E2EE_STORAGE'])
const OPEN_CODES: ReadonlySet<string> = new Set([
  ...['ERR_E2EE_OPEN_FAILED', 'ERR_E2EE_MALFORMED', 'ERR_E2EE_UNKNOWN_KEY'],
  'ERR_E2EE_VERSION_TOO_OLD',
])
const SEAL_CODES: ReadonlySet<string> = new Set([
  ...['ERR_E2EE_TOO_LARGE', 'ERR_E2EE_EXHAUSTED', 'ERR_E2EE_UNKNOWN_KEY'],
  'ERR_E2EE_VERSION_TOO_OLD',
])

/** The targets of events. */
export const EVENT_TARGETS: readonly FuzzTarget[] = [
  envelopes,
  opening('event/open-bare', 'bare', 40),
  opening('event/open-keyring', 'ring', 40),
  guarded,
  rejecting,
  keyTexts,
  bodies,
  replayRecords,
  callerMistakes,
]
