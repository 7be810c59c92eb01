/**
 * The hub on Node: HTTP, WebSocket, the files of the app.
 *
 * @module
 */
export { serve } from './serve.ts'
export type { Served, ServeOptions } from './serve.ts'
export { hasApp } from './static-app.ts'
