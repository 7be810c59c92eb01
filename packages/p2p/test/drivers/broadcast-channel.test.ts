import { afterEach, expect, test, vi } from 'vitest'
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

afterEach(() => vi.unstubAllGlobals())

test.each<readonly [string, unknown]>([
  ['does not exist', undefined],
  [
    'is forbidden',
    function forbidden() {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    },
  ],
])('[S41] a driver says so where BroadcastChannel %s', (_, channel) => {
  vi.stubGlobal('BroadcastChannel', channel)
  expect(() => new BroadcastChannelDriver('none')).toThrow(
    expect.objectContaining({
      ...{ code: 'ERR_P2P_UNSUPPORTED', details: { missing: 'BroadcastChannel' } },
      cause: expect.anything(),
    }),
  )
})
