/**
 * For tests of apps and of transports: a hub in memory, and a clock, both turned by hand.
 *
 * @module
 */
export { LocalHub, LocalTransport } from './local-hub.ts'
export type { Delivery } from './local-hub.ts'
export { VirtualClock } from './virtual-clock.ts'
