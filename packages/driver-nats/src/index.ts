/**
 * Signalling over a NATS server, for `Sender`, `Receiver` and `Mesh` of `@conclave/p2p`, and for whole rooms.
 *
 * @module
 */
export { NatsDriver } from './nats-driver.ts'
export type { NatsDriverOptions, NatsTlsOptions } from './nats-driver.ts'
