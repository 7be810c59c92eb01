import { expect, test } from 'vitest'
import { MemoryNetwork, driverContract } from '@conclave/p2p/testing'

const contract = driverContract({
  connect: () => {
    const network = new MemoryNetwork(() => 'deliver')
    return [network.driver('one'), network.driver('two')]
  },
  close: () => undefined,
  hearsItself: false,
})

test.each(contract)('[S1, S2] test network: $title', async ({ run }) =>
  expect(run()).resolves.toBeUndefined(),
)
