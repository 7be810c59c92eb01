/** Sealed events: what carriers deliver, to those that hold a key. */
import { checkContext } from '../../../packages/e2ee/src/events/event-context.ts'
import { channelOf } from '../../../packages/e2ee/src/events/key-scope.ts'
import type { RecordStorage } from '@conclave/base'
import { isDeepStrictEqual, types } from 'node:util'
import {
  decryptCallSignalJson,
  decryptChatJson,
  decryptRealtimeJson,
  envelopeToBinary,
  envelopeToJson,
  Keyring,
  openEvent,
  decodeEventHeader,
  ReplayGuard,
  sealEvent,
} from '@conclave/e2ee'
import type { EventContext, OpenedOrDroppedEvent, OpenEventOptions } from '@conclave/e2ee'
import { hasTraps, hostileValue } from '../hostile.ts'
import { randomText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { argumentErrorOf, codeOf, FuzzFailure, mustEqual, mustHold } from '../target.ts'
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
        const header = decodeEventHeader(input)
        const [json, binary] = [envelopeToJson(input), envelopeToBinary(input)]
        if (hasTraps(input)) return 'no matter what'
        mustHold((header === undefined) === (json === undefined), 'all readers agree')
        mustHold((binary === undefined) === (json === undefined), 'all readers agree')
        if (json === undefined || binary === undefined) return 'refused'
        mustEqual(envelopeToJson(binary), json, 'one form in each encoding')
        mustEqual(envelopeToBinary(json), binary, 'one form in each encoding')
        mustEqual(decodeEventHeader(json), header, 'the same header')
        mustEqual(JSON.parse(JSON.stringify(json)), json, 'survives JSON')
        if (ArrayBuffer.isView(input)) mustHold(isSameView(input, binary), 'as it came')
        else mustEqual(visibleIn(input), json, 'as it came')
        return 'accepted'
      },
    }
  },
}

const opening = (name: string, kind: 'bare' | 'ring' | 'source', share: number): FuzzTarget => ({
  name,
  share,
  async prepare() {
    const corpus = await sealAll(kind)
    const other = await sealAll(kind === 'bare' ? 'ring' : 'bare')
    const held = corpus.key instanceof Keyring ? namesOf(corpus.key) : ''
    return {
      async attempt(random, note) {
        const input = makeEnvelope(random, random.oneIn(12) ? other : corpus)
        note(input)
        const { context, options } = expectation(random, corpus)
        return judge(input, await openEvent(input, corpus.key, { ...options, replay: 'none' }), {
          corpus,
          context,
        })
      },
      async finish() {
        if (corpus.key instanceof Keyring)
          mustHold(namesOf(corpus.key) === held, 'the ring holds what it held')
        for (const { context, json, binary, answer } of corpus.cases) {
          mustEqual(
            await openEvent(json, corpus.key, { ...context, replay: 'none' }),
            answer,
            'still opens',
          )
          mustEqual(
            await openEvent(binary, corpus.key, { ...context, replay: 'none' }),
            answer,
            'still opens',
          )
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
          storage: storage ?? 'none',
          order: random.pick(['any', 'rising']),
        })
        const chosen = random.pick(numbered)
        const context = random.oneIn(3) ? random.pick(corpus.cases).context : chosen.context
        let answer: OpenedOrDroppedEvent
        try {
          answer = await openEvent(input, corpus.key, { ...context, replay, self: 'carol' })
        } catch (error) {
          const code = codeOf(error, STORAGE_CODES)
          mustHold(storage !== undefined && storage.writes === 0, 'nothing was written')
          return code
        }
        const verdict = judge(input, answer, { corpus, context })
        if (verdict === 'opened' || storage !== undefined) return verdict
        // What was refused has changed nothing: the real one opens, once.
        const place = decodeEventHeader(chosen.json)
        if (place === undefined) throw new Error('expected a header')
        const { kind } = chosen.context
        const own = checkContext(kind, chosen.context, { nameOptional: false })
        const event = { ...place, contextId: channelOf(kind, own) }
        mustHold(replay.peek(event) === undefined, 'the guard is as it was')
        if (!random.oneIn(50)) return verdict
        const real = { ...chosen.context, replay, self: 'carol' }
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
              ? await decryptChatJson(input, key, { ...context, replay: 'none' })
              : context.kind === 'call'
                ? await decryptCallSignalJson(input, key, { ...context, replay: 'none' })
                : await decryptRealtimeJson(input, key, { ...context, replay: 'none' })
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
          return answer.type === 'dropped' ? answer.reason : answer.type
        } catch (error) {
          if ((error as { readonly name?: unknown }).name === 'E2eeError')
            return codeOf(error, isOpening ? STORAGE_CODES : SEAL_CODES)
          return argumentErrorOf(error)
        }
      },
    }
  },
}

/** The names of the keys of a ring, as text. */
const namesOf = (ring: Keyring): string =>
  ring.keys.map(({ keyId, epoch }) => `${keyId} ${epoch}`).join()

/** The options of a receiver: the context of some event, and rarely more. */
function expectation(
  random: Random,
  corpus: Corpus,
): { readonly context: EventContext; readonly options: EventContext & OpenEventOptions } {
  const { context, answer } = random.pick(corpus.cases)
  if (!random.oneIn(4) || answer.type === 'dropped') return { context, options: context }
  const { keyId, epoch, sender } = answer
  const options = {
    ...context,
    ...(random.oneIn(2) && keyId !== '' && { keyId }),
    ...(random.oneIn(2) && { keyVersion: epoch }),
    ...(random.oneIn(2) && { minKeyVersion: random.below(3) }),
    ...(random.oneIn(2) && sender !== undefined && { sender }),
    ...(random.oneIn(4) && { maxBytes: random.below(200) }),
  }
  return { context, options }
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
  'ERR_E2EE_EPOCH_TOO_OLD',
])
const SEAL_CODES: ReadonlySet<string> = new Set([
  ...['ERR_E2EE_TOO_LARGE', 'ERR_E2EE_EXHAUSTED', 'ERR_E2EE_UNKNOWN_KEY'],
  'ERR_E2EE_EPOCH_TOO_OLD',
])

/** The targets of events. */
export const EVENT_TARGETS: readonly FuzzTarget[] = [
  envelopes,
  opening('event/open-bare', 'bare', 40),
  opening('event/open-keyring', 'ring', 40),
  opening('event/open-key-source', 'source', 40),
  guarded,
  rejecting,
  callerMistakes,
]
