/**
 * For tests of apps and of transports: a hub in memory whose deliveries are made by hand, and a session that says anything.
 *
 * @module
 */
export { LocalHub, LocalTransport } from './local-hub.ts'
export type { Delivery, DeliveryRule } from './local-hub.ts'
export { KINDS, RawSession } from './raw-session.ts'
export type { KindName } from './raw-session.ts'
