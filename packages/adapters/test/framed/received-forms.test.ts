/** Every form of message that a socket or a data channel may deliver. */
import type { SealedChannel, SealedChannelOptions } from '@conclave/adapters'
import { sealDataChannel } from '@conclave/adapters/data-channel'
import { sealWebSocket } from '@conclave/adapters/websocket'
import { expect, test } from 'vitest'
import { MAX_OPENING_EVENTS } from '../../src/limits.ts'
import { CONTEXT, ringOf } from '../fixtures.ts'

/** A carrier that keeps what is sent, and delivers what the test gives it. */
class FakeCarrier<State extends number | string> extends EventTarget {
  readonly readyState: State
  readonly sent: (string | Uint8Array<ArrayBuffer>)[] = []
  readonly bufferedAmount = 0
  readonly bufferedAmountLowThreshold = 0
  binaryType = 'blob'

  constructor(readyState: State) {
    super()
    this.readyState = readyState
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.sent.push(data)
  }

  receive(...messages: readonly unknown[]): void {
    for (const data of messages) this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
}

const carriers = {
  'a socket of JSON': () => {
    const carrier = new FakeCarrier(1)
    return { carrier, seal: (sender: string) => sealWebSocket(carrier, optionsOf(sender)) }
  },
  'a socket of bytes': () => {
    const carrier = new FakeCarrier(1)
    const seal = (sender: string): SealedChannel =>
      sealWebSocket(carrier, { ...optionsOf(sender), encoding: 'binary' })
    return { carrier, seal }
  },
  'a data channel': () => {
    const carrier = new FakeCarrier('open')
    return { carrier, seal: (sender: string) => sealDataChannel(carrier, optionsOf(sender)) }
  },
}

const optionsOf = (sender: string): SealedChannelOptions => ({
  ...{ keys: ringOf(), context: CONTEXT, sender },
})

const toBytes = (frame: string | Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> =>
  typeof frame === 'string' ? new TextEncoder().encode(frame) : (frame ?? new Uint8Array())

/** Seals as alice and returns bob's end of another carrier of the same kind. */
async function setUp(
  make: () => {
    readonly carrier: FakeCarrier<number> | FakeCarrier<string>
    seal(sender: string): SealedChannel
  },
  count: number,
): Promise<{
  readonly frames: readonly (string | Uint8Array<ArrayBuffer>)[]
  readonly carrier: FakeCarrier<number> | FakeCarrier<string>
  readonly bob: SealedChannel
  readonly values: unknown[]
}> {
  const [one, other] = [make(), make()]
  const alice = one.seal('alice')
  for (let value = 0; value < count; value += 1) await alice.send('message', value)
  const bob = other.seal('bob')
  const values: unknown[] = []
  bob.on('message', (value) => values.push(value))
  return { frames: one.carrier.sent, carrier: other.carrier, bob, values }
}

for (const [name, make] of Object.entries(carriers)) {
  test(`[T43] ${name} reads bytes, text as bytes, pieces and a Blob, in the order of arrival`, async () => {
    const { frames, carrier, bob, values } = await setUp(make, 6)
    const [first, second, third, fourth, fifth, sixth] = frames.map(toBytes)
    if (!first || !second || !third || !fourth || !fifth || !sixth) throw new Error('6 frames')
    carrier.receive(first, new Blob([second]), third.buffer, new Blob([fourth]), [fifth])
    carrier.receive(new DataView(sixth.buffer))
    await expect.poll(() => values).toEqual([0, 1, 2, 3, 4, 5])
    expect(bob.dropped.size).toBe(0)
  })
}

test('[T43, T13] a Blob that cannot be read or is too large is unsealed, and later frames arrive', async () => {
  const { frames, carrier, bob, values } = await setUp(carriers['a socket of JSON'], 1)
  const unreadable = {
    [Symbol.toStringTag]: 'Blob',
    size: 5,
    arrayBuffer: () => Promise.reject(new Error('gone')),
  }
  const large = { ...unreadable, size: 2 ** 20 + 1 }
  carrier.receive(unreadable, { [Symbol.toStringTag]: 'Blob', size: 5 }, large, frames[0])
  await expect.poll(() => values).toEqual([0])
  expect(bob.dropped.get('unsealed')).toBe(3)
})

test('[T43] frames that wait for a Blob are bounded', async () => {
  const { carrier, bob } = await setUp(carriers['a socket of JSON'], 0)
  let finish = (_bytes: ArrayBuffer): void => {}
  const slow = {
    [Symbol.toStringTag]: 'Blob',
    size: 1,
    arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (finish = resolve)),
  }
  carrier.receive(slow, ...Array.from({ length: MAX_OPENING_EVENTS - 1 }, () => '{}'))
  expect(bob.dropped.size).toBe(0)
  carrier.receive('{}')
  await expect.poll(() => bob.dropped.get('unsealed')).toBe(1)
  finish(new ArrayBuffer(1))
  await expect.poll(() => bob.dropped.get('unsealed')).toBe(MAX_OPENING_EVENTS + 1)
})

test('[T5, T43] nothing that was still read reaches a handler after closing', async () => {
  const { frames, carrier, bob, values } = await setUp(carriers['a socket of JSON'], 2)
  const blob = new Blob([toBytes(frames[0])])
  carrier.receive(blob, frames[1])
  await bob.close()
  await blob.arrayBuffer()
  await Promise.resolve()
  expect(values).toEqual([])
})
