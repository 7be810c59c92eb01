/**
 * What tests of hubs, engines and clients need: the contract of engines, rooms with a key, and clients without a
 * network.
 *
 * @module
 */
export { engineContract } from './engine-contract.ts'
export type { EngineContractCase } from './engine-contract.ts'
export { MemoryClient } from './memory-client.ts'
export type { MemoryClientOptions } from './memory-client.ts'
export { createTestRoom, randomMessage, randomParticipant, randomResume } from './test-room.ts'
export type { TestRoom } from './test-room.ts'
