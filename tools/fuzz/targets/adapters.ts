/** Deliveries of a channel that somebody else carries: frames, names and envelopes of any shape. */
import { sealChannel } from '@conclave/adapters'
import type { EventTransport } from '@conclave/adapters'
import { sealWebSocket } from '@conclave/adapters/websocket'
import { importAesGcmKeyFromBase64, toPlainJson } from '@conclave/e2ee'
import type { JsonEnvelope } from '@conclave/e2ee'
import { hostileCopy, hostileValue, oddBytes, oddValue } from '../hostile.ts'
import { mutateBytes, mutateText, randomText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { FuzzFailure, mustHold, toHex } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const context = { kind: 'realtime', scope: 'room', scopeId: '42' } as const
const options = (sender: string, key: CryptoKey) =>
  ({ keys: key, context, sender, replay: 'none', keepUnknown: 2 }) as const
/** Sent after each input: when it is there, the input was dealt with. */
const LAST = 'fuzz-last'

const frames: FuzzTarget = {
  name: 'adapter/websocket',
  share: 20,
  async prepare() {
    const key = await importKey()
    const sent: (string | Uint8Array<ArrayBuffer>)[] = []
    for (const encoding of ['json', 'binary'] as const) {
      const socket = fakeSocket((frame) => sent.push(frame))
      const channel = sealWebSocket(socket, { ...options('alice', key), encoding })
      await channel.send('note', { a: 1 })
      await channel.send('ünïcode', [null])
      await channel.send(LAST, 0)
      await channel.close()
    }
    const last = sent[2] ?? ''
    const texts = sent.filter((frame) => typeof frame === 'string')
    const binaries = sent.filter((frame) => typeof frame !== 'string')
    const known = new Set(sent.map(idOf))
    return {
      async attempt(random, note) {
        const input = makeFrame(random, { texts, binaries })
        note(input)
        const socket = fakeSocket(() => {})
        const channel = sealWebSocket(socket, options('bob', key))
        const opened: unknown[] = []
        for (const name of ['note', 'ünïcode'])
          channel.on(name, (value, event) => opened.push([event.eventName, value]))
        const done = new Promise<void>((resolve) => void channel.on(LAST, () => resolve()))
        socket.deliver(input)
        socket.deliver(last)
        await done
        const reasons = [...channel.dropped.keys()]
        await channel.close()
        if (opened.length > 0 && !known.has(idOf(input)) && !isJsonOf(input, texts))
          throw new FuzzFailure('forged', 'delivered what nobody sent')
        mustHold(opened.length + reasons.length <= 1, 'one frame, one outcome')
        return opened.length > 0 ? 'delivered' : (reasons[0] ?? 'nobody listens, or kept')
      },
    }
  },
}

const arrivals: FuzzTarget = {
  name: 'adapter/channel',
  share: 20,
  async prepare() {
    const key = await importKey()
    const sent: (readonly [string, JsonEnvelope])[] = []
    const recorder: EventTransport = {
      encoding: 'json',
      send: (name, envelope) => void sent.push([name, envelope as JsonEnvelope]),
      receive: () => () => {},
    }
    const alice = sealChannel(recorder, options('alice', key))
    for (const name of NAMES) await alice.send(name, { name })
    const hiding = sealChannel(recorder, { ...options('alice', key), hideEventNames: true })
    for (const name of NAMES) await hiding.send(name, { name })
    await alice.send(LAST, 0)
    const [last] = sent.slice(-1)
    if (last === undefined) throw new Error('expected what was sent')
    return {
      async attempt(random, note) {
        const [sentName, envelope] = random.pick(sent)
        const name = random.oneIn(3) ? makeName(random) : sentName
        const given = random.oneIn(3)
          ? envelope
          : random.oneIn(3)
            ? hostileValue(random)
            : hostileCopy(random, envelope)
        note({ name, given })
        let deliver: Parameters<EventTransport['receive']>[0] = () => {}
        const receive: EventTransport['receive'] = (handler) => {
          deliver = handler
          return () => {}
        }
        const bob = { ...options('bob', key), clear: [CLEAR] as const }
        const channel = sealChannel({ ...recorder, receive }, bob)
        const opened: string[] = []
        const inClear: unknown[] = []
        channel.on(CLEAR, (value) => inClear.push(value))
        for (const each of NAMES) {
          channel.on(each, (value, event) => {
            if (event.type === 'clear') inClear.push(value)
            opened.push(JSON.stringify(value), JSON.stringify({ name: event.eventName }))
          })
        }
        const done = new Promise<void>((resolve) => void channel.on(LAST, () => resolve()))
        deliver(name, given)
        deliver(...last)
        await done
        const reasons = [...channel.dropped.keys()]
        await channel.close()
        if (inClear.length > 0) {
          mustHold(name === CLEAR && opened.length + reasons.length === 0, 'one event, one outcome')
          toPlainJson(inClear)
          return 'delivered in clear'
        }
        if (opened.length === 0) return reasons[0] ?? 'nobody listens, or kept'
        if (opened.length !== 2 || opened[0] !== opened[1])
          throw new FuzzFailure('forged', 'delivered under another name than it was sent')
        return 'delivered'
      },
    }
  },
}

interface FakeSocket {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  send(frame: string | Uint8Array<ArrayBuffer>): void
  addEventListener(type: string, listener: (event: object) => void): void
  removeEventListener(type: string, listener: (event: object) => void): void
  deliver(data: unknown): void
}

/** A socket that is open, and hears what it is told to. */
function fakeSocket(send: (frame: string | Uint8Array<ArrayBuffer>) => void): FakeSocket {
  const listeners = new Set<(event: object) => void>()
  return {
    ...{ readyState: 1, bufferedAmount: 0, binaryType: 'arraybuffer', send },
    addEventListener: (type, listener) => void (type === 'message' && listeners.add(listener)),
    removeEventListener: (_type, listener) => void listeners.delete(listener),
    deliver: (data) => {
      for (const listener of listeners) listener({ data })
    },
  }
}

function makeFrame(
  random: Random,
  {
    texts,
    binaries,
  }: { readonly texts: readonly string[]; readonly binaries: readonly Uint8Array[] },
): unknown {
  switch (random.below(10)) {
    case 0:
      return random.pick([...texts, ...binaries])
    case 1:
      return oddValue(random)
    case 2:
      return oddBytes(random, random.pick(binaries))
    case 3:
    case 4:
    case 5:
      return mutateBytes(random, binaries)
    case 6:
      return mutateBytes(random, binaries).buffer
    default:
      return mutateText(random, texts)
  }
}

function makeName(random: Random): unknown {
  if (random.oneIn(4)) return CLEAR
  if (random.oneIn(2)) return random.pick(NAMES)
  return random.oneIn(2) ? randomText(random, 220) : hostileValue(random, 1)
}

/** Text that says the same JSON in other words is the same event: JSON text is not what is authenticated. */
function isJsonOf(input: unknown, texts: readonly string[]): boolean {
  if (typeof input !== 'string') return false
  const said = (text: string): string =>
    JSON.stringify((JSON.parse(text) as { data: unknown }).data)
  return texts.some((text) => said(text) === said(input))
}

function idOf(frame: unknown): string {
  if (typeof frame === 'string') return frame
  if (frame instanceof ArrayBuffer) return toHex(new Uint8Array(frame))
  return ArrayBuffer.isView(frame)
    ? toHex(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength))
    : ''
}

const importKey = (): Promise<CryptoKey> =>
  importAesGcmKeyFromBase64(Buffer.alloc(32, 6).toString('base64'))

/** Names that every object has, among others. */
const NAMES = ['note', 'constructor', 'toString', '__proto__', 'then', 'ü', 'a'.repeat(200)]

/** The name that is declared clear. */
const CLEAR = 'routine'

/** The targets of `@conclave/adapters`. */
export const ADAPTER_TARGETS: readonly FuzzTarget[] = [frames, arrivals]
