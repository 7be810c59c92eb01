/**
 * For tests of drivers and of code that is built on peers: the driver contract, and a network whose deliveries the
 * test decides.
 *
 * @module
 */
export { driverContract } from './driver-contract.ts'
export type { DriverCase, DriverFactory } from './driver-contract.ts'
export { MemoryNetwork } from './memory-network.ts'
export type { Fate, Packet, PacketRule } from './memory-network.ts'
