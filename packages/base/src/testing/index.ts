/**
 * For tests of everything that takes a clock or emits events.
 *
 * @module
 */
export { handlerErrorsIn } from './handler-errors.ts'
export { VirtualClock } from './virtual-clock.ts'
