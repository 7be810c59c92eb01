/** Handlers of the application that throw: their errors go to the runtime, and nobody else notices. */
import { handlerErrorsIn } from '@conclave/base/testing'
import { expect, test } from 'vitest'
import type { Driver } from '@conclave/p2p'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'

const NAMESPACE = ['receiver', 'room', 'bob'] as const
const MESSAGE = { type: 'sync', id: 'alice', negotiation: 0, restart: false }
const MISTAKE = new Error('mistake of the app')

const fail = (): never => {
  throw MISTAKE
}

const drivers: readonly (readonly [string, () => readonly [Driver, Driver, () => void]])[] = [
  [
    'MemoryDriver',
    () => {
      const bus = new MemoryBus()
      return [new MemoryDriver(bus), new MemoryDriver(bus), () => undefined]
    },
  ],
  [
    'BroadcastChannelDriver',
    () => {
      const [one, other] = [1, 2].map(() => new BroadcastChannelDriver('throwing handlers'))
      if (one === undefined || other === undefined) throw new Error('unreachable: two were made')
      return [one, other, () => [one, other].forEach((driver) => driver.close())]
    },
  ],
]

test.each(drivers)('[S2] %s calls every handler although one throws', async (_name, connect) => {
  const [one, other, close] = connect()
  const heard: unknown[] = []
  await other.on(NAMESPACE, fail)
  await other.on(NAMESPACE, (message) => heard.push(message))
  const errors = await handlerErrorsIn(async () => {
    await one.emit(NAMESPACE, MESSAGE)
    await expect.poll(() => heard).toEqual([MESSAGE])
  })
  expect(errors).toEqual([MISTAKE])
  close()
})
