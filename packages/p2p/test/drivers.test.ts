import { expect, test } from 'vitest'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'
import { MemoryNetwork, driverContract } from '@conclave/p2p/testing'

const memory = driverContract({
  connect: () => {
    const bus = new MemoryBus()
    return [new MemoryDriver(bus), new MemoryDriver(bus)]
  },
  close: () => undefined,
  hearsItself: true,
})
for (const { title, run } of memory)
  test(`[S1, S2] memory: ${title}`, async () => expect(run()).resolves.toBeUndefined())

let lastChannel = 0
const broadcastChannel = driverContract({
  connect: (): readonly [BroadcastChannelDriver, BroadcastChannelDriver] => {
    const name = `drivers test ${(lastChannel += 1)}`
    return [new BroadcastChannelDriver(name), new BroadcastChannelDriver(name)]
  },
  close: (drivers) => {
    for (const driver of drivers) driver.close()
  },
  hearsItself: false,
  patienceMs: 2_000,
})
for (const { title, run } of broadcastChannel)
  test(`[S1, S2] BroadcastChannel: ${title}`, async () => expect(run()).resolves.toBeUndefined())

const network = driverContract({
  connect: () => {
    const network = new MemoryNetwork(() => 'deliver')
    return [network.driver('one'), network.driver('two')]
  },
  close: () => undefined,
  hearsItself: false,
})
for (const { title, run } of network)
  test(`[S1, S2] test network: ${title}`, async () => expect(run()).resolves.toBeUndefined())
