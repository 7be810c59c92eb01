/** The tables and queues of a sealed driver, with a protector that finds everything authentic. */
import { expect, test } from 'vitest'
import { encodeBase64Url, textToBytes } from '@conclave/base'
import { VirtualClock } from '@conclave/base/testing'
import { sealDriver } from '@conclave/p2p'
import type { PayloadProtector, SignalDropReason } from '@conclave/p2p'
import { MemoryNetwork } from '@conclave/p2p/testing'

const TO_BOB = ['receiver', 'room', 'bob'] as const

const setUp = async (protector: Partial<PayloadProtector> = {}) => {
  const network = new MemoryNetwork(() => 'deliver')
  const dropped: SignalDropReason[] = []
  const heard: string[] = []
  const bob = sealDriver(network.driver('bob'), {
    protector: {
      seal: (_context, body) => Promise.resolve(body),
      open: (_context, bytes) => Promise.resolve(bytes),
      ...protector,
    },
    room: 'room',
    id: 'bob',
    clock: new VirtualClock(),
    dropped: (reason) => dropped.push(reason),
  })
  await bob.on(TO_BOB, (_message, from) => heard.push(from))
  const inject = (id: string, sequence: number): void => {
    const sealed = encodeBase64Url(textToBytes(JSON.stringify({ type: 'sync', id })))
    network.inject(TO_BOB, { type: 'sync', id, sequence, sealed })
  }
  return { bob, dropped, heard, inject, network }
}

test('[S6] the last sequences of 1024 senders are kept; the sender silent for longest is evicted', async () => {
  const { dropped, heard, inject } = await setUp()
  const send = async (id: string, sequence: number): Promise<void> => {
    inject(id, sequence)
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  for (let index = 0; index < 1_024; index += 1) await send(`sender ${index}`, 5)
  // Still kept, and now the one that spoke last.
  await send('sender 0', 5)
  expect(dropped).toEqual(['replay'])
  await send('sender 0', 6)
  await send('one more', 5)
  await send('sender 0', 6)
  await send('sender 2', 5)
  expect(dropped).toEqual(['replay', 'replay', 'replay'])
  await send('sender 1', 5)
  expect(dropped).toHaveLength(3)
  expect(heard.at(-1)).toBe('sender 1')
})

test('[S14] at most 512 messages wait to be opened, and more are dropped', async () => {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const { dropped, heard, inject } = await setUp({
    open: async (_context, bytes) => opened.then(() => bytes),
  })
  for (let index = 1; index <= 600; index += 1) inject('alice', index)
  await Promise.resolve()
  expect(dropped).toEqual(Array(600 - 513).fill('overflow'))
  open()
  await expect.poll(() => heard.length).toBe(513)
})

test('[S14] at most 512 messages wait to be sealed, and more are refused', async () => {
  let seal = (): void => undefined
  const sealed = new Promise<void>((resolve) => {
    seal = resolve
  })
  const { bob, network } = await setUp({ seal: async (_context, body) => sealed.then(() => body) })
  await network.driver('alice').on(['sender', 'room'], () => undefined)
  const message = { type: 'sync', id: 'bob', negotiation: 0, restart: false }
  const sent = Array.from({ length: 514 }, async () => bob.emit(['sender', 'room'], message))
  await expect(sent.at(-1)).rejects.toThrow('too many messages wait to be sealed')
  seal()
  await Promise.all(sent.slice(0, 513))
  expect(network.log).toHaveLength(513)
})

test('[S4] a protector that rejects has not authenticated the message, and the next one is opened', async () => {
  const { dropped, heard, inject } = await setUp({
    open: (context, bytes) =>
      context.sequence === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(bytes),
  })
  inject('alice', 1)
  inject('alice', 2)
  await expect.poll(() => heard).toEqual(['alice'])
  expect(dropped).toEqual(['not-authentic'])
})
