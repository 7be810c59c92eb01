/**
 * For tests of apps and of transports: a hub in memory whose deliveries are made by hand.
 *
 * @module
 */
export { LocalHub, LocalTransport } from './local-hub.ts'
export type { Delivery } from './local-hub.ts'
