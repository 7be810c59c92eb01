import { expect, test } from 'vitest'
import { Receiver, Sender } from '@conclave/p2p'
import type { FrameProtector, PeerOptions, SealedDriver } from '@conclave/p2p'
import { VirtualClock } from '@conclave/base/testing'

test.each([
  ['a sender', (options: PeerOptions) => new Sender(options)],
  ['a receiver', (options: PeerOptions) => new Receiver(options)],
] as const)('[S129] %s tells its protector when it listens, and not before', async (_, create) => {
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
  const peer = create({ driver, frames, clock: new VirtualClock() })
  const begun = peer.start({ room: 'room' })
  expect(starts).toBe(0)
  listen()
  await begun
  expect(starts).toBe(1)
  await peer.stop()
})
