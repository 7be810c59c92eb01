/**
 * For tests of hubs, engines and clients: the contract of engines, rooms with a key, clients without a network, and a
 * recorder of everything that a server receives.
 *
 * @module
 */
export { engineContract } from './engine-contract.ts'
export type { EngineCase, EngineFactory } from './engine-contract.ts'
export { MemoryClient } from './memory-client.ts'
export type { MemoryClientOptions } from './memory-client.ts'
export { createTestAuthorizer } from './test-authorizer.ts'
export { tapServer } from './tap.ts'
export type { Tap, TappedServer, TappedSocket, TapRecord } from './tap.ts'
export { createTestRoom, createTestSession, randomMessage, randomParticipant } from './test-room.ts'
export type { TestRoom, TestSession } from './test-room.ts'
