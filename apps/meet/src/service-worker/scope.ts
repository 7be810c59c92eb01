/**
 * The part of a service worker's global scope that ours uses; the library of the DOM does not have it.
 *
 * @module
 */

/** An event that lasts as long as a promise. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}

/** A request of a page that the worker may answer. */
interface FetchEvent extends ExtendableEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

/** The global scope of a service worker. */
export interface ServiceWorkerScope {
  readonly location: { readonly href: string }
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', handler: (event: ExtendableEvent) => void): void
  addEventListener(type: 'fetch', handler: (event: FetchEvent) => void): void
}

/** A file of the build: its path below the app's address, and the digest of its content. */
export interface BuildFile {
  readonly path: string
  readonly integrity: string
}
