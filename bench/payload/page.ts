/**
 * The same measurement in a page.
 *
 * @module
 */
import { measureAll } from './measure.ts'

declare global {
  interface Window {
    measureAll: typeof measureAll
  }
}

window.measureAll = measureAll
