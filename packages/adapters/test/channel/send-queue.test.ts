import { VirtualClock } from '@conclave/base/testing'
import { EventCounter, isE2eeError, Keyring } from '@conclave/e2ee'
import type { JsonEnvelope } from '@conclave/e2ee'
import { isAdapterError, MAX_QUEUED_EVENTS, sealChannel } from '@conclave/adapters'
import type { EventTransport } from '@conclave/adapters'
import { expect, test } from 'vitest'
import { Carrier, CONTEXT, failureOf, joinSealed, ringOf, settled } from '../fixtures.ts'

test('[T3] every event has a sender and a number', async () => {
  const carrier = new Carrier()
  const counter = new EventCounter({ now: 1_700_000_000_000 })
  const { channel } = joinSealed(carrier, { sender: 'alice', counter })
  await channel.send('message', 1)
  await channel.send('message', 2)
  expect(carrier.messages.map(({ envelope }) => envelope)).toMatchObject([
    { sender: 'alice', stream: counter.stream, sequence: 0 },
    { sender: 'alice', stream: counter.stream, sequence: 1 },
  ])
})

test('[T3] the counter of the channel begins at the time of the caller’s clock', async () => {
  const carrier = new Carrier()
  const seconds = 1_700_000_000
  const clock = new VirtualClock(seconds * 1000)
  const { channel } = joinSealed(carrier, { sender: 'alice', clock })
  await channel.send('message', 1)
  const [message] = carrier.messages
  const { stream } = (message?.envelope ?? {}) as Partial<JsonEnvelope>
  expect(Math.floor((stream ?? 0) / 2 ** 21)).toBe(seconds)
})

test('[T4] a value is read before the call returns', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  const value = { body: 'before' }
  const sent = alice.channel.send('message', value)
  value.body = 'after'
  await sent
  carrier.flush()
  await settled(carrier, alice, bob)
  expect(bob.values).toEqual([{ body: 'before' }])
})

test('[T4] only the event that cannot be sealed or sent rejects', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const results = await Promise.allSettled([
    alice.channel.send('message', 1),
    alice.channel.send('message', undefined),
    alice.channel.send('message', 10n),
    alice.channel.send('message', 2),
  ])
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled',
  ])
  expect(carrier.messages).toHaveLength(2)
})

test('[T4] sending without a key fails', async () => {
  const carrier = new Carrier()
  const { channel } = joinSealed(carrier, { sender: 'alice', keys: new Keyring() })
  const error: unknown = await channel.send('message', 'canary').catch((thrown: unknown) => thrown)
  expect(isE2eeError(error) && error.code).toBe('ERR_E2EE_UNKNOWN_KEY')
  expect(carrier.messages).toEqual([])
})

test('[T4, T5] at most 256 events wait, and closing rejects them', async () => {
  const carrier = new Carrier()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const send: EventTransport['send'] = (_name, _envelope, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
      begin()
    })
  const channel = sealChannel(
    { ...carrier.join(), send },
    { keys: ringOf(), context: CONTEXT, sender: 'alice' },
  )
  const sends = Array.from({ length: MAX_QUEUED_EVENTS }, (_, value) =>
    channel.send('message', value),
  )
  const settling = Promise.allSettled(sends)
  const error: unknown = await channel
    .send('message', 'one more')
    .catch((thrown: unknown) => thrown)
  expect(isAdapterError(error) && error.code).toBe('ERR_ADAPTER_QUEUE_FULL')
  await begun
  await channel.close()
  for (const result of await settling) {
    expect(result).toMatchObject({ reason: { code: 'ERR_ADAPTER_CLOSED' } })
  }
  expect(carrier.messages).toEqual([])
})

test('[T26] with a carrier that acknowledges, the next event does not wait, and the call ends with the acknowledgement', async () => {
  const passages: PromiseWithResolvers<void>[] = []
  const send: EventTransport['send'] = () => {
    const passage = Promise.withResolvers<void>()
    passages.push(passage)
    return { delivered: passage.promise }
  }
  const channel = sealChannel(
    { ...new Carrier().join(), send, maxQueued: 2 },
    { keys: ringOf(), context: CONTEXT, sender: 'alice' },
  )
  const sends = [channel.send('message', 1), channel.send('message', 2)]
  await expect(channel.send('message', 3)).rejects.toMatchObject({
    ...{ code: 'ERR_ADAPTER_QUEUE_FULL', details: { limit: 'events', max: 2 } },
  })
  await expect.poll(() => passages.length).toBe(2)
  passages[1]?.resolve()
  await sends[1]
  passages[0]?.reject(new Error('never'))
  await expect(sends[0]).rejects.toThrow('never')
  const last = channel.send('message', 4)
  await expect.poll(() => passages.length).toBe(3)
  await channel.close()
  await expect(last).rejects.toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
})

test('[T5] after closing no event is sent or delivered; closing again does nothing', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice' })
  const bob = joinSealed(carrier, { sender: 'bob' })
  await alice.channel.send('message', 1)
  carrier.flush()
  await bob.channel.close()
  await bob.channel.close()
  await bob.channel[Symbol.asyncDispose]()
  await settled(carrier, alice)
  await expect(bob.channel.send('message', 2)).rejects.toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
  expect(bob.values).toEqual([])
})

test('[T4, T5] a value that closes the channel while it is read is not sent', async () => {
  const carrier = new Carrier()
  const { channel } = joinSealed(carrier, { sender: 'alice' })
  const closing = { toJSON: () => void channel.close() }
  await expect(channel.send('message', closing)).rejects.toMatchObject({
    code: 'ERR_ADAPTER_CLOSED',
  })
  expect(carrier.messages).toEqual([])
})

test('[T5] closing does not wait for a transport that ignores the signal', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const send = (): Promise<void> => {
    begin()
    return new Promise(() => {})
  }
  const channel = sealChannel(
    { ...new Carrier().join(), send },
    { keys: ringOf(), context: CONTEXT, sender: 'alice' },
  )
  const failure = failureOf(channel.send('message', 1))
  await begun
  await channel.close()
  expect(await failure).toMatchObject({ code: 'ERR_ADAPTER_CLOSED' })
})

test('[T5] events that are being opened when the channel closes are neither reported, counted nor kept', async () => {
  const carrier = new Carrier()
  const alice = joinSealed(carrier, { sender: 'alice', keys: ringOf(8, 2) })
  const bob = joinSealed(carrier, { sender: 'bob', keepUnknown: 8 })
  const carol = joinSealed(carrier, { sender: 'carol' })
  await alice.channel.send('message', 1)
  carrier.flush()
  carrier.deliver({ name: 'message', envelope: 'in clear' })
  await bob.channel.close()
  await settled(carrier, carol)
  expect(bob.channel.dropped.size).toBe(0)
  expect(bob.channel.kept).toBe(0)
  expect(carol.channel.dropped.get('unknown-key')).toBe(1)
})
