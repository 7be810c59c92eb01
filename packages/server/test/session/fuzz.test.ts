import { MemoryClient } from '@conclave/server/testing'
import type { TestRoom } from '@conclave/server/testing'
import { CLOSE_CODES, encodeDataFrame, encodeMessage } from '@conclave/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGuardedHub, PRESENCE } from '../guarded/support.ts'
import { createTestHub, gather } from '../support.ts'

const COUNT = 20_000
const SEED = 20_261_121
const TIMEOUT_MS = 60_000

/** Numbers from 0 to below a bound; the same for the same seed (xorshift32). */
function createRandom(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

function randomMessageOf(
  random: (bound: number) => number,
  client: MemoryClient,
  room: TestRoom,
): string | Uint8Array {
  const noise = (length: number): Uint8Array => new Uint8Array(length).map(() => random(256))
  const frame = (): Uint8Array => {
    const id = encodeMessageId(noise(16))
    return encodeDataFrame({
      type: random(2) === 0 ? 'publish' : 'signal',
      channel: client.channel,
      id,
      to: undefined,
      payload: noise(1 + random(40)),
    })
  }
  const handle = random(2) === 0 ? client.channel : random(2 ** 31)
  const token = ['', 'mallory.phone', 'mallory.laptop', 'x'.repeat(random(9000))][random(4)]
  const guarded = [
    { type: 'subscribe', channel: `${PRESENCE}${random(3)}`, wants: ['presence', 'publish'] },
    { type: 'subscribe', channel: PRESENCE, wants: ['subscribe', 'presence', 'publish', 'signal'] },
    { type: 'subscribe', channel: PRESENCE, wants: ['all'] },
    { type: 'refresh', channel: handle },
  ]
  const texts = [
    () =>
      JSON.stringify({ ...guarded[random(4)], id: random(9), token, info: 'A'.repeat(random(9)) }),
    () => JSON.stringify({ type: 'refresh', id: random(9), channel: handle, token }),
    () => JSON.stringify({ type: 'unsubscribe', channel: handle }),
    () => JSON.stringify({ type: 'members', id: 1, channel: handle, after: '' }),
    () => encodeMessage({ type: 'ping', id: random(2 ** 31) }),
    () => encodeMessage({ type: 'leave', room: client.participant as never }),
    () =>
      JSON.stringify({ type: 'join', version: 1, room: room.id, participant: client.participant }),
    () => '{"__proto__":{"type":"ping"}}',
    () => '['.repeat(random(5000)),
    () => String.fromCharCode(...noise(random(60))),
    () =>
      JSON.stringify({
        type: ['join', 'leave', 'ping', '__proto__', 'constructor'][random(5)],
        id: random(9) - 4,
      }),
  ]
  switch (random(5)) {
    case 0:
      return noise(random(120))
    case 1: {
      const bytes = frame()
      bytes[random(bytes.length)] = random(256)
      return bytes
    }
    case 2:
      return frame().subarray(0, random(90))
    case 3:
      return frame()
    default:
      return texts[random(texts.length)]?.() ?? ''
  }
}

function encodeMessageId(
  bytes: Uint8Array,
): ReturnType<MemoryClient['publish']> extends Promise<infer T> ? T : never {
  const copy = new Uint8Array(bytes)
  copy[0] = 1
  return btoa(String.fromCharCode(...copy))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '') as never
}

test(
  `[H27] ${COUNT} random messages neither stop the hub nor reach others unasked`,
  async () => {
    const { hub, clock } = createGuardedHub({ lifetimeMs: 86_400_000 })
    const { room, clients } = await gather(hub, 2)
    const [first, witness] = clients
    if (first === undefined || witness === undefined) throw new Error('unreachable')
    const wants = ['subscribe', 'publish', 'signal'] as const
    await witness.subscribe(PRESENCE, { token: 'bob.laptop', wants })
    const random = createRandom(SEED)
    const codes = new Set<number>(Object.values(CLOSE_CODES).map(({ code }) => code))
    let fuzzer = first
    const ends: number[] = []
    for (let index = 0; index < COUNT; index += 1) {
      await fuzzer.connection.receive(randomMessageOf(random, fuzzer, room))
      if (index % 10 === 0) clock.advance(random(1000))
      if (fuzzer.end === undefined) continue
      ends.push(fuzzer.end.code)
      fuzzer.close(1006)
      fuzzer = new MemoryClient(hub)
      await fuzzer.join(room)
    }
    expect(ends.every((code) => codes.has(code))).toBe(true)
    expect(witness.end).toBeUndefined()
    const { dropped, delivered, channels, signals, decisions } = hub.stats()
    expect(delivered).toBeGreaterThan(1000)
    expect(dropped.malformed).toBeGreaterThan(1000)
    expect(witness.delivered).toHaveLength(delivered)
    expect(witness.signalled).toHaveLength(signals.sent)
    for (const count of [signals.sent, decisions.granted, decisions.denied])
      expect(count).toBeGreaterThan(50)
    expect(channels).toBe(1)
    await witness.publish(new Uint8Array([1]))
    expect(witness.acks).toHaveLength(1)
  },
  TIMEOUT_MS,
)

test(
  '[H27] a flood without a pause ends with a stated code and leaves the others alone',
  async () => {
    const { hub } = createTestHub()
    const { room, clients } = await gather(hub, 2)
    const [fuzzer, witness] = clients
    if (fuzzer === undefined || witness === undefined) throw new Error('unreachable')
    const random = createRandom(SEED + 1)
    for (let index = 0; index < COUNT; index += 1)
      await fuzzer.connection.receive(randomMessageOf(random, fuzzer, room))
    expect(fuzzer.end).toEqual({ code: 4429, reason: 'rate' })
    expect(witness.end).toBeUndefined()
    expect(fuzzer.order.length).toBeLessThan(1200)
  },
  TIMEOUT_MS,
)

test('[H10, H27] the hub answers a first message with a pong, a close, or not at all', async () => {
  const { hub } = createTestHub()
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string()),
      async (data) => {
        const client = new MemoryClient(hub)
        await client.connection.receive(data)
        expect(client.order.filter((type) => type !== 'challenge' && type !== 'pong')).toEqual([])
        expect([4400, 4401, undefined]).toContain(client.end?.code)
        client.close()
      },
    ),
    { seed: SEED, numRuns: 500 },
  )
})
