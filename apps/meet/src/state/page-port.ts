/**
 * The page's port: the parts of the page that the state layer uses.
 *
 * @module
 */

/** The address bar, the clipboard and the page's past. */
export interface PagePort {
  readonly origin: string
  /** Whether this page came by a reload, and not by following a link. */
  readonly wasReloaded: boolean
  href(): string
  /** Goes to a path of this origin without loading a page. */
  push(path: string): void
  /** Tells when the address changed by the person: back, forward, or another fragment. */
  onMoved(handler: () => void): () => void
  /** Puts text into the clipboard; false when the browser refuses. */
  copy(text: string): Promise<boolean>
}
