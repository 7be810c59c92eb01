import { expect, test } from 'vitest'
import { Receiver as ProtectedReceiver, Sender as ProtectedSender } from '@conclave/p2p'
import type { Driver, SealedDriver } from '@conclave/p2p'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { Receiver, Sender } from '@conclave/p2p/plain'
import { MemoryNetwork } from '@conclave/p2p/testing'

const room = 'demo-room'

test('[S82] each start says first that nothing is encrypted, and so does `protection`', async () => {
  const network = new MemoryNetwork()
  const sender = new Sender({ driver: network.driver('alice') })
  const receiver = new Receiver({ driver: network.driver('bob') })
  for (const peer of [sender, receiver as unknown as Sender]) {
    const emittedAtProblem: number[] = []
    const codes: string[] = []
    const before = network.log.length
    peer.on('problem', ({ problem }) => {
      emittedAtProblem.push(network.log.length - before)
      codes.push(problem.code)
    })
    expect(peer.protection).toBe('none')
    await peer.start({ room })
    await peer.stop()
    await peer.start({ room })
    await peer.stop()
    expect(codes).toEqual(['ERR_P2P_NOT_ENCRYPTED', 'ERR_P2P_NOT_ENCRYPTED'])
    expect(emittedAtProblem[0]).toBe(0)
  }
})

test('[S3, S82] a protected peer says so, and takes the driver of no plain one', () => {
  const plain = new MemoryDriver() as unknown as SealedDriver
  const frames = {} as never
  for (const create of [
    () => new ProtectedSender({ driver: plain, frames }),
    () => new ProtectedReceiver({ driver: plain, frames }),
  ]) {
    expect(create).toThrow(TypeError)
  }
  const nothing = (): void => undefined
  const sealed: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: nothing,
    off: nothing,
    emit: nothing,
  }
  expect(new ProtectedSender({ driver: sealed, frames }).protection).toBe('end-to-end')
  expect(new ProtectedReceiver({ driver: sealed, frames }).protection).toBe('end-to-end')
})

test.each<readonly [string, unknown]>([
  ['none', undefined],
  ['a text', 'wss://example.org'],
  ['one without `off`', { on: () => undefined, emit: () => undefined }],
])('[S80] a driver is checked when it is given: %s', (_name, driver) => {
  expect(() => new Sender({ driver: driver as Driver })).toThrow('"driver" expected')
  expect(() => new Receiver({ driver: driver as Driver })).toThrow('"driver" expected')
})

test('[S80] ids are random, or as they are given', () => {
  const driver = new MemoryDriver()
  const ids = Array.from({ length: 50 }, () => new Sender({ driver }).id)
  expect(new Set(ids).size).toBe(50)
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/)
  expect(new Receiver({ driver, id: 'bob' }).id).toBe('bob')
  expect(() => new Receiver({ driver, id: '' })).toThrow(TypeError)
})

test('[S80] every speaker is believed, and malformed messages change nothing', async () => {
  const bus = new MemoryBus()
  const mallory = new MemoryDriver(bus)
  const sender = new Sender({ driver: new MemoryDriver(bus), id: 'alice' })
  const heard: unknown[] = []
  mallory.on(['receiver', room], (message) => heard.push(message))
  await sender.start({ room })
  // In clear, under the name that it gives.
  await expect.poll(() => heard).toMatchObject([{ type: 'sync', id: 'alice' }])
  for (const message of [
    null,
    7,
    'text',
    {},
    { type: 'invoke' },
    { id: 'bob' },
    { id: 7, type: 'sync' },
  ]) {
    mallory.emit(['sender', room], message)
    mallory.emit(['sender', room, 'alice'], message)
  }
  await expect.poll(() => sender.drops.get('malformed')).toBe(14)
  await sender.stop()
  mallory.emit(['sender', room], null)
  await Promise.resolve()
  expect(sender.drops.get('malformed')).toBe(14)
})
