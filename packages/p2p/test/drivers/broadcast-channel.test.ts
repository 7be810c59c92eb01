import { expect, test } from 'vitest'
import { BroadcastChannelDriver } from '@conclave/p2p/drivers/broadcast-channel'
import { driverContract } from '@conclave/p2p/testing'

let lastChannel = 0
const contract = driverContract({
  connect: (): readonly [BroadcastChannelDriver, BroadcastChannelDriver] => {
    const name = `drivers test ${(lastChannel += 1)}`
    return [new BroadcastChannelDriver(name), new BroadcastChannelDriver(name)]
  },
  close: (drivers) => drivers.forEach((driver) => driver.close()),
  hearsItself: false,
  patienceMs: 2_000,
})

test.each(contract)('[S1, S2] BroadcastChannel: $title', async ({ run }) =>
  expect(run()).resolves.toBeUndefined(),
)
