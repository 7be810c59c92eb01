/**
 * Notices that the device is online again, before connections do.
 *
 * @module
 */

/** Calls `changed` when the device comes online, on platforms that report it, until the returned function is called. */
export function watchNetwork(changed: () => void): () => void {
  // Not `navigator.connection`: its `change` also comes with each new estimate of the bandwidth.
  const target = globalThis as unknown as Partial<EventTarget>
  target.addEventListener?.('online', changed)
  return () => target.removeEventListener?.('online', changed)
}
