/**
 * For tests of everything that takes a clock.
 *
 * @module
 */
export { VirtualClock } from './virtual-clock.ts'
