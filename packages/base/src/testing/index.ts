/**
 * For tests of everything that takes a clock, depends on chance or emits events.
 *
 * @module
 */
export { handlerErrorsIn } from './handler-errors.ts'
export { createRandom } from './seeded-random.ts'
export { VirtualClock } from './virtual-clock.ts'
