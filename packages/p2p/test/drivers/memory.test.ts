import { expect, test } from 'vitest'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { driverContract } from '@conclave/p2p/testing'

const connect = (): readonly [MemoryDriver, MemoryDriver] => {
  const bus = new MemoryBus()
  return [new MemoryDriver(bus), new MemoryDriver(bus)]
}
const contract = driverContract({ connect, close: () => undefined, hearsItself: true })

test.each(contract)('[S1, S2] memory: $title', async ({ run }) =>
  expect(run()).resolves.toBeUndefined(),
)
