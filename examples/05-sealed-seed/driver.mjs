import { encrypted } from '@conclave/client'
import { generatePassphrase } from '@conclave/e2ee/passphrase'
import { MemoryBus, MemoryDriver } from '@conclave/p2p/drivers/memory'

const bus = new MemoryBus()
const passphrase = generatePassphrase()

/** Carries messages within this page, sealed. Put a driver of your bus in the place of `MemoryDriver`. */
export const sealedDriver = () => encrypted(new MemoryDriver(bus), { passphrase })
