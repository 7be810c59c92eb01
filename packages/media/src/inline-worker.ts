/**
 * The worker as text inside the page's code, for pages without a bundler, scripts from another origin, and development servers that move
 * modules. It needs `worker-src blob:`, and is loaded only by those who import it.
 *
 * @module
 */
export { spawnInlineWorker } from './page/spawn-inline.ts'
