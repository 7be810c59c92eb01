// oxlint-disable max-lines -- all tests share one network and one record of what is heard
import { beforeEach, expect, test } from 'vitest'
import { sealDriver } from '@conclave/p2p'
import { createSignalProtector, SharedKeySource } from '@conclave/e2ee'
import type {
  PayloadProtector,
  SealedDriver,
  SealedHandler,
  SignalContext,
  SignalDropReason,
} from '@conclave/p2p'
import { MemoryNetwork } from '@conclave/p2p/testing'
import { VirtualClock } from '@conclave/base/testing'
import type { Packet } from '@conclave/p2p/testing'
import { createPayloadProtector } from '../support/payloads.ts'

const ROOM = 'room'
const TO_BOB = ['receiver', ROOM, 'bob'] as const
const TO_ALL = ['receiver', ROOM] as const
const message = { type: 'sync', id: 'alice', negotiation: 0, restart: false, canary: 'CANARY-7f3a' }

let network: MemoryNetwork
let clock: VirtualClock
let dropped: SignalDropReason[]
let heard: { message: unknown; from: string }[]
let alice: SealedDriver
let bob: SealedDriver
let handler: SealedHandler

const endpoint = async (id: string, secret = 1): Promise<SealedDriver> => {
  // A later test must not see the drops of this endpoint.
  const mine = dropped
  return sealDriver(network.driver(id), {
    protector: observe(createPayloadProtector(id, { secret })),
    room: ROOM,
    id,
    clock,
    dropped: (reason) => {
      if (id !== 'bob') return
      mine.push(reason)
      progressed()
    },
  })
}

/** The messages that are being opened: WebCrypto answers in separate tasks. */
const opening = new Set<Promise<unknown>>()
let progressed = (): void => undefined

const observe = ({ seal, open }: PayloadProtector): PayloadProtector => ({
  seal,
  open: (context, bytes) => {
    const opened = open(context, bytes)
    opening.add(opened)
    void opened.finally(() => opening.delete(opened))
    return opened
  },
})

/** Waits until nothing is being opened; what waits for its turn follows within microtasks. */
const idle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.allSettled(opening)
}

/** Waits until so many messages were heard or dropped, and nothing more can come. */
const settle = async (count: number): Promise<void> => {
  while (heard.length + dropped.length < count) {
    await new Promise<void>((resolve) => {
      progressed = resolve
    })
  }
  await idle()
}

const sealed = (): Packet => {
  const packet = network.log.at(-1)
  if (packet === undefined) throw new Error('nothing was emitted')
  return packet
}

beforeEach(async () => {
  network = new MemoryNetwork(() => 'deliver')
  clock = new VirtualClock()
  dropped = []
  const mine: typeof heard = []
  heard = mine
  handler = (value, from) => {
    mine.push({ message: value, from })
    progressed()
  }
  alice = await endpoint('alice')
  bob = await endpoint('bob')
  await bob.on(TO_BOB, handler)
  await bob.on(TO_ALL, handler)
})

test('[S4] a message arrives with its authenticated sender, and its text is not on the bus', async () => {
  await alice.emit(TO_BOB, message)
  await settle(1)
  expect(heard).toEqual([{ message, from: 'alice' }])
  expect(JSON.stringify(network.log)).not.toContain('CANARY')
  expect(JSON.stringify(network.log)).not.toContain('restart')
})

test('[S5] the envelope is plain JSON of four members', async () => {
  await alice.emit(TO_BOB, message)
  const envelope = sealed().message as Record<string, unknown>
  expect(Object.keys(envelope).sort()).toEqual(['id', 'sealed', 'sequence', 'type'])
  expect(JSON.parse(JSON.stringify(envelope))).toEqual(envelope)
  expect(envelope['sealed']).toMatch(/^[A-Za-z0-9_-]+$/)
})

test('[S6] messages keep their order although they are sealed at the same time', async () => {
  const messages = Array.from({ length: 40 }, (_, index) => ({ ...message, negotiation: index }))
  await Promise.all(messages.map(async (each) => alice.emit(TO_BOB, each)))
  await settle(40)
  expect(heard.map((entry) => entry.message)).toEqual(messages)
})

test('[S6] a replay changes nothing, now and later', async () => {
  await alice.emit(TO_BOB, message)
  const first = sealed()
  await alice.emit(TO_BOB, { ...message, negotiation: 1 })
  await settle(2)
  network.inject(TO_BOB, first.message)
  network.inject(TO_BOB, sealed().message)
  await settle(4)
  expect(heard).toHaveLength(2)
  expect(dropped).toEqual(['replay', 'replay'])
})

test('[S6] the same message twice at the same moment is heard once', async () => {
  network.fate = () => 'duplicate'
  await alice.emit(TO_BOB, message)
  await settle(2)
  expect(heard).toHaveLength(1)
  expect(dropped).toEqual(['replay'])
})

test('[S6] an overtaken message is dropped', async () => {
  network.fate = undefined
  await alice.emit(TO_BOB, { ...message, negotiation: 1 })
  await alice.emit(TO_BOB, { ...message, negotiation: 2 })
  network.reverse()
  network.flush()
  await settle(2)
  expect(heard.map((entry) => (entry.message as typeof message).negotiation)).toEqual([2])
  expect(dropped).toEqual(['replay'])
})

test('[S6] a reflected message changes nothing', async () => {
  await bob.emit(['receiver', ROOM, 'alice'], { ...message, id: 'bob' })
  await alice.on(['receiver', ROOM, 'alice'], () => undefined)
  await bob.emit(['receiver', ROOM, 'alice'], { ...message, id: 'bob' })
  network.inject(TO_BOB, sealed().message)
  await settle(1)
  expect(dropped).toEqual(['reflected'])
  expect(heard).toEqual([])
})

const changes: readonly (readonly [string, (packet: Packet) => void])[] = [
  ['another type', ({ message: m }) => network.inject(TO_BOB, { ...asRecord(m), type: 'dispose' })],
  ['another sender', ({ message: m }) => network.inject(TO_BOB, { ...asRecord(m), id: 'eve' })],
  [
    'another sequence',
    ({ message: m }) =>
      network.inject(TO_BOB, { ...asRecord(m), sequence: Number(asRecord(m)['sequence']) + 1 }),
  ],
  ['everyone as receiver', ({ message: m }) => network.inject(TO_ALL, m)],
  [
    'a flipped bit',
    ({ message: m }) =>
      network.inject(TO_BOB, { ...asRecord(m), sealed: flip(asRecord(m)['sealed']) }),
  ],
]

test.each(changes)('[S4] %s does not authenticate', async (_name, change) => {
  network.fate = undefined
  await alice.emit(TO_BOB, message)
  const packet = sealed()
  network.fate = () => 'deliver'
  change(packet)
  await settle(1)
  expect(dropped).toEqual(['not-authentic'])
  // The genuine one is still good: a forgery moves no sequence.
  network.inject(TO_BOB, packet.message)
  await settle(2)
  expect(heard).toEqual([{ message, from: 'alice' }])
})

test('[S4] another direction does not authenticate', async () => {
  await bob.on(['sender', ROOM, 'bob'], handler)
  network.fate = undefined
  await alice.emit(TO_BOB, message)
  network.fate = () => 'deliver'
  network.inject(['sender', ROOM, 'bob'], sealed().message)
  await settle(1)
  expect(dropped).toEqual(['not-authentic'])
})

test('[S4] another room does not authenticate', async () => {
  const elsewhere = sealDriver(network.driver('alice'), {
    protector: createPayloadProtector('alice', { room: 'elsewhere' }),
    room: 'elsewhere',
    id: 'alice',
    clock,
  })
  await bob.off(TO_ALL, handler)
  const other = network.driver('listener')
  await other.on(['receiver', 'elsewhere', 'bob'], (value) => network.inject(TO_BOB, value))
  await elsewhere.emit(['receiver', 'elsewhere', 'bob'], message)
  await settle(1)
  expect(dropped).toEqual(['not-authentic'])
  expect(heard).toEqual([])
})

test('[S4] a message under another key does not authenticate, and blocks no other message', async () => {
  const eve = sealDriver(network.driver('eve'), {
    protector: createPayloadProtector('alice', { secret: 2 }),
    room: ROOM,
    id: 'alice',
    clock: new VirtualClock(9_000_000),
  })
  await eve.emit(TO_BOB, message)
  await settle(1)
  await alice.emit(TO_BOB, message)
  await settle(2)
  expect(dropped).toEqual(['not-authentic'])
  expect(heard).toHaveLength(1)
})

const malformed: readonly (readonly [string, unknown])[] = [
  ['nothing', null],
  ['a text', 'text'],
  ['a number', 7],
  ['an empty object', {}],
  ['no body', { type: 'sync', id: 'alice', sequence: 1 }],
  ['a negative sequence', { type: 'sync', id: 'alice', sequence: -1, sealed: 'AAAA' }],
  ['a broken sequence', { type: 'sync', id: 'alice', sequence: 1.5, sealed: 'AAAA' }],
  ['a sequence as text', { type: 'sync', id: 'alice', sequence: '1', sealed: 'AAAA' }],
  ['an empty id', { type: 'sync', id: '', sequence: 1, sealed: 'AAAA' }],
  ['no base64url', { type: 'sync', id: 'alice', sequence: 1, sealed: 'not base64url!' }],
  ['too long', { type: 'sync', id: 'alice', sequence: 1, sealed: 'A'.repeat(131_073) }],
]

test.each(malformed)('[S5] malformed on the bus: %s', async (_name, value) => {
  network.inject(TO_BOB, value)
  await settle(1)
  expect(dropped).toEqual(['malformed'])
  await alice.emit(TO_BOB, message)
  await settle(2)
  expect(heard).toHaveLength(1)
})

test('[S40] createSignalProtector has keys for each sender, and seals only as itself', async () => {
  const keys = new SharedKeySource(new Uint8Array(32).fill(1))
  const alice: PayloadProtector = createSignalProtector(keys, { room: ROOM, self: 'alice' })
  const eve: PayloadProtector = createSignalProtector(keys, { room: ROOM, self: 'eve' })
  const context: SignalContext = {
    ...{ type: 'sync', direction: 'to-receiver', sender: 'alice', receiver: 'bob' },
    ...{ room: ROOM, sequence: 5 },
  }
  const bytes = await alice.seal(context, Uint8Array.of(1))
  expect(await eve.open(context, bytes)).toEqual(Uint8Array.of(1))
  expect(await eve.open({ ...context, sender: 'carol' }, bytes)).toBeUndefined()
  await expect(eve.seal(context, Uint8Array.of(1))).rejects.toThrow(TypeError)
})

test('[S5] a body whose type is not that of the envelope is malformed', async () => {
  const protector = createPayloadProtector('alice')
  const context = { direction: 'to-receiver', room: ROOM, receiver: 'bob' } as const
  const bytes = await protector.seal(
    { ...context, type: 'sync', sender: 'alice', sequence: 5 },
    new TextEncoder().encode(JSON.stringify({ type: 'dispose', id: 'alice' })),
  )
  const text = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
  network.inject(TO_BOB, { type: 'sync', id: 'alice', sequence: 5, sealed: text })
  await settle(1)
  expect(dropped).toEqual(['malformed'])
})

test('[S6] the sequence grows over a reload of the same id', async () => {
  for (let index = 0; index < 5; index += 1) await alice.emit(TO_BOB, message)
  clock.advance(1)
  const reloaded = await endpoint('alice')
  await reloaded.emit(TO_BOB, message)
  await settle(6)
  expect(heard).toHaveLength(6)
  expect(dropped).toEqual([])
})

test('[S2] a removed handler is not called, not even for a message that was being opened', async () => {
  network.fate = undefined
  await alice.emit(TO_BOB, message)
  network.flush()
  await bob.off(TO_BOB, handler)
  network.fate = () => 'deliver'
  await alice.emit(TO_BOB, message)
  await idle()
  expect(heard).toEqual([])
})

test('[S2] every handler of a namespace hears a message, each once', async () => {
  const others: unknown[] = []
  const other = (value: unknown): void => void others.push(value)
  await bob.on(TO_BOB, other)
  await bob.on(TO_BOB, other)
  await alice.emit(TO_BOB, message)
  await settle(1)
  expect(heard).toHaveLength(1)
  expect(others).toEqual([message])
  await bob.off(TO_BOB, handler)
  await alice.emit(TO_BOB, message)
  await expect.poll(() => others.length).toBe(2)
  expect(heard).toHaveLength(1)
  expect(dropped).toEqual([])
})

test('[S4, S6] the context is exactly what the protector is promised, and its sequence grows over all receivers', async () => {
  const contexts: unknown[] = []
  const driver = sealDriver(network.driver('cyd'), {
    protector: {
      seal: (context, body) => {
        contexts.push(context)
        return Promise.resolve(body)
      },
      open: () => Promise.resolve(undefined),
    },
    room: ROOM,
    id: 'cyd',
    clock: new VirtualClock(1),
  })
  await driver.emit(TO_BOB, message)
  await driver.emit(['sender', ROOM], message)
  const common = { type: 'sync', sender: 'cyd', room: ROOM }
  expect(contexts).toEqual([
    { ...common, direction: 'to-receiver', receiver: 'bob', sequence: 1_025 },
    { ...common, direction: 'to-sender', receiver: '', sequence: 1_026 },
  ])
})

test('[S3] namespaces of other rooms, and messages without a type, are the caller’s mistake', async () => {
  await expect(alice.emit(['receiver', 'other'], message)).rejects.toThrow(TypeError)
  await expect(alice.emit(['chat', ROOM], message)).rejects.toThrow(TypeError)
  await expect(alice.emit(TO_BOB, {})).rejects.toThrow(TypeError)
  await expect(alice.on(['receiver', ROOM, 'bob', 'x'], handler)).rejects.toThrow(TypeError)
})

test('[S2] a failure of the bus is reported, and does not stop the next message', async () => {
  let fails = true
  const inner = network.driver('alice')
  const flaky = sealDriver(
    {
      ...inner,
      emit: (namespace, value) => {
        if (fails) throw new Error('no network')
        return inner.emit(namespace, value)
      },
    },
    { protector: createPayloadProtector('alice'), room: ROOM, id: 'alice', clock },
  )
  await expect(flaky.emit(TO_BOB, message)).rejects.toThrow('no network')
  fails = false
  await flaky.emit(TO_BOB, message)
  await settle(1)
  expect(heard).toHaveLength(1)
})

function asRecord(value: unknown): Record<string, unknown> {
  return value as Record<string, unknown>
}

function flip(value: unknown): string {
  const text = String(value)
  return `${text.slice(0, 30)}${text[30] === 'A' ? 'B' : 'A'}${text.slice(31)}`
}
