/**
 * Hears from the platform that there is a network again, before connections notice.
 *
 * @module
 */

/** Calls `changed` when the device comes online, where the platform tells; call what it returns to stop. */
export function watchNetwork(changed: () => void): () => void {
  // Not `navigator.connection`: its `change` also comes with each new estimate of the bandwidth.
  const target = globalThis as unknown as Partial<EventTarget>
  target.addEventListener?.('online', changed)
  return () => target.removeEventListener?.('online', changed)
}
