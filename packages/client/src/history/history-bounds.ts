/**
 * The bounds of the messages that are repeated to newcomers. spec R63
 *
 * @module
 */

/** The bounds of what is kept, of a page, and of what a newcomer takes. */
export const HISTORY_BOUNDS = {
  /** Messages that are kept to be repeated, and that a newcomer takes. */
  messages: 500,
  /** Bytes of their signed bodies. */
  bytes: 524_288,
  /** A longer signed body is not kept. The longest text needs 24,000 bytes and its frame. */
  bodyBytes: 25_000,
  /** Messages of a page. */
  pageMessages: 100,
  /** Bytes of the bodies of a page: with the longest one it fits into a message. */
  pageBytes: 40_000,
  /** Pages that a newcomer takes from one member. */
  pages: 32,
  /** Members that a newcomer asks. */
  members: 4,
} as const
