import { expect, test } from 'vitest'
import { VirtualClock } from '@conclave/base/testing'
import { Receiver } from '@conclave/p2p'
import type { DataProtector, FrameProtector, SealedDriver } from '@conclave/p2p'
import { Sender } from '@conclave/p2p/channels'

const create = () => {
  let listen = (): void => undefined
  const listening = new Promise<void>((resolve) => {
    listen = resolve
  })
  const driver: SealedDriver = {
    sealed: true,
    id: 'alice',
    on: () => listening,
    off: () => undefined,
    emit: () => undefined,
  }
  let starts = 0
  const frames = { start: () => void (starts += 1) } as unknown as FrameProtector
  const data = {} as unknown as DataProtector
  const options = { driver, frames, data, clock: new VirtualClock() }
  return { options, listen, starts: () => starts }
}

test('[S129] a sender tells its protector when it listens, and not before', async () => {
  const { options, listen, starts } = create()
  const sender = new Sender(options)
  const begun = sender.start({ room: 'room' })
  expect(starts()).toBe(0)
  listen()
  await begun
  expect(starts()).toBe(1)
  await sender.stop()
})

test('[S105] a sender of channels without a track, and a receiver, tell it nothing', async () => {
  const { options, listen, starts } = create()
  listen()
  const sender = new Sender(options)
  await sender.start({ room: 'room', channels: { chat: { ordered: true } } })
  const receiver = new Receiver(options)
  await receiver.start({ room: 'room' })
  expect(starts()).toBe(0)
  await Promise.all([sender.stop(), receiver.stop()])
})
