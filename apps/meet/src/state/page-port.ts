/**
 * The page's port: the parts of the page that the state layer uses.
 *
 * @module
 */

/** The address bar, the clipboard and the page's past. */
export interface PagePort {
  /** The address of the app: an origin and a path that ends with a slash. */
  readonly base: string
  /** Whether the server could not be reached when this page opened. */
  readonly serverWasAway: boolean
  /** Whether this page came by a reload, and not by following a link. */
  readonly wasReloaded: boolean
  href(): string
  /** Goes to a path of this site without loading a page. */
  push(path: string): void
  /** Puts another address into the place of the present one. */
  replace(href: string): void
  /** Whether the page stands on an entry that `holdBack` made. */
  isHeld(): boolean
  /** Makes Back end on this address once, so that it can be asked about; does nothing while it is held. */
  holdBack(): void
  /** Takes back what `holdBack` did. */
  releaseBack(): void
  /** Tells when the address changed by the person: back, forward, or another fragment. */
  onMoved(handler: () => void): () => void
  /** Puts text into the clipboard; false when the browser refuses. */
  copy(text: string): Promise<boolean>
}
