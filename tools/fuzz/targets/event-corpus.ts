/**
 * Events that were sealed, what carriers make of them, and what opening them may answer.
 *
 * @module
 */
import { isDeepStrictEqual } from 'node:util'
import {
  envelopeToBinary,
  EventCounter,
  importAesGcmKeyFromBase64,
  Keyring,
  openEvent,
  sealEvent,
  SharedKeySource,
} from '@conclave/e2ee'
import type { EventContext, EventKeys, JsonEnvelope, OpenedOrDroppedEvent } from '@conclave/e2ee'
import { hasTraps, hostileBytes, hostileCopy, hostileValue } from '../hostile.ts'
import { mutateBytes, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, mustHold, toHex } from '../target.ts'

/** An event that was sealed, in both encodings, and all that opening it may answer. */
export interface SealedCase {
  readonly context: EventContext
  readonly json: JsonEnvelope
  readonly binary: Uint8Array<ArrayBuffer>
  readonly answer: OpenedOrDroppedEvent
}

/** The events that one key, or one ring, has sealed. */
export interface Corpus {
  readonly key: CryptoKey | EventKeys
  readonly cases: readonly SealedCase[]
  /** By the text of a context. */
  readonly answersByContext: ReadonlyMap<string, readonly OpenedOrDroppedEvent[]>
  readonly binaries: readonly Uint8Array[]
  readonly texts: readonly string[]
}

/** Valid events in every form, out of fixed secrets. */
export async function sealAll(kind: 'bare' | 'ring' | 'source'): Promise<Corpus> {
  const bare = await importAesGcmKeyFromBase64(Buffer.alloc(32, 7).toString('base64'))
  const second = await importAesGcmKeyFromBase64(Buffer.alloc(32, 8).toString('base64'))
  const ring = new Keyring()
  for (const keyId of ['room', '', 'one']) ring.requireEpoch({ keyId, epoch: 1 })
  ring.add({ keyId: 'room', epoch: 1, key: new Uint8Array(32).fill(1) })
  ring.add({ keyId: 'room', epoch: 2n ** 63n, key: new Uint8Array(32).fill(2) })
  ring.add({ keyId: '', epoch: 1, key: second })
  ring.add({
    keyId: 'one',
    epoch: 1,
    key: new Uint8Array(32).fill(3),
    onlyFor: { kind: 'chat', roomId: 'room-1' },
  })
  ring.use({ keyId: 'room', epoch: 2n ** 63n })
  const source = new SharedKeySource(new Uint8Array(32).fill(4), { epoch: 2n ** 53n })
  const key = { bare, ring, source }[kind]
  const cases: SealedCase[] = []
  for (const [index, context] of CONTEXTS.entries()) {
    for (const [round, value] of VALUES.entries()) {
      const at = index + round
      const sender = ['alice', 'böb', undefined][at % 3]
      const keyId = kind === 'bare' ? ['k', undefined][at % 2] : undefined
      const counter = new EventCounter({ now: 1_700_000_000_000 + at * 1000 })
      const options = {
        ...context,
        ...(sender !== undefined && { sender }),
        ...(keyId !== undefined && { keyId, keyVersion: at }),
        ...(kind === 'ring' && at % 4 === 3 && { keyId: 'room', keyVersion: 1 }),
        ...(sender !== undefined && at % 2 === 0 && { counter }),
        ...(at % 3 === 0 && { padding: 'padme' as const }),
        ...(context.kind !== 'chat' && round % 2 === 1 && { hideEventName: true }),
      }
      const json = await sealEvent(value, key, options)
      const binary = envelopeToBinary(json)
      if (binary === undefined) throw new Error('expected an envelope')
      const answer = await openEvent(json, key, { ...context, replay: 'none' })
      if (answer.type === 'dropped') throw new Error(`expected to open: ${answer.reason}`)
      cases.push({ context, json, binary, answer })
    }
  }
  const answersByContext = new Map<string, OpenedOrDroppedEvent[]>()
  for (const { context, answer } of cases) {
    const id = JSON.stringify(context)
    answersByContext.set(id, [...(answersByContext.get(id) ?? []), answer])
  }
  return {
    ...{ key, cases, answersByContext },
    binaries: cases.map(({ binary }) => binary),
    texts: cases.map(({ json }) => JSON.stringify(json)),
  }
}

export function makeEnvelope(random: Random, corpus: Corpus): unknown {
  switch (random.below(12)) {
    case 0:
      return random.pick([random.pick(corpus.cases).json, random.pick(corpus.binaries)])
    case 1:
    case 2:
    case 3:
    case 4:
      return mutateBytes(random, corpus.binaries)
    case 5:
      return hostileBytes(random, random.pick(corpus.binaries))
    case 6:
    case 7:
    case 8:
      return hostileCopy(random, random.pick(corpus.cases).json)
    case 9:
      return hostileValue(random)
    default: {
      const text = mutateText(random, corpus.texts, 200)
      try {
        return JSON.parse(text) as unknown
      } catch {
        return text
      }
    }
  }
}

/** An opened event must have been sealed for this very context, and be the same bytes. */
export function judge(
  input: unknown,
  answer: OpenedOrDroppedEvent,
  { corpus, context }: { readonly corpus: Corpus; readonly context: EventContext },
): string {
  if (answer.type === 'dropped') {
    mustHold(REASONS.has(answer.reason), 'a documented reason')
    return answer.reason
  }
  const answers = corpus.answersByContext.get(JSON.stringify(context)) ?? []
  const isKnown = answers.some((known) => isDeepStrictEqual(known, answer))
  if (!isKnown) throw new FuzzFailure('forged', 'opened what nobody sealed for this context')
  if (hasTraps(input)) return 'opened'
  const isSealed = ArrayBuffer.isView(input)
    ? corpus.cases.some(({ binary }) => isSameView(input, binary))
    : corpus.cases.some(({ json }) => isDeepStrictEqual(visibleIn(input), json))
  if (!isSealed) throw new FuzzFailure('forged', 'opened another spelling of what was sealed')
  return 'opened'
}

/** Whether a view shows these bytes. */
export const isSameView = (view: ArrayBufferView, bytes: Uint8Array): boolean =>
  toHex(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) === toHex(bytes)

/** The part of an object that JSON carries. */
export const visibleIn = (input: unknown): unknown =>
  Object.fromEntries(Object.entries(input as object))

const CONTEXTS: readonly EventContext[] = [
  { kind: 'chat', roomId: 'room-1', messageId: 'm-1' },
  { kind: 'chat', roomId: 'room-1', messageId: 'm-2' },
  { kind: 'chat', roomId: 'комната', messageId: '\u0000' },
  { kind: 'call', callId: 'room-1', eventName: 'call.offer' },
  { kind: 'call', callId: 'call-2', eventName: 'm-1' },
  { kind: 'realtime', scope: 'order', scopeId: 'room-1', eventName: 'm-1' },
  { kind: 'realtime', scope: 'o', scopeId: 'rder', eventName: 'call.offer' },
]
const VALUES: readonly unknown[] = [
  { body: 'Private message', at: 1 },
  null,
  Uint8Array.of(1, 2, 3),
  ['é', { deep: [[[]]] }],
  '',
]
const REASONS: ReadonlySet<string> = new Set([
  ...['malformed', 'not-authentic', 'epoch-too-old', 'unknown-key', 'unnumbered', 'replay'],
  ...['other-key', 'late', 'ahead'],
])
