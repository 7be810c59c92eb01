/**
 * Why the hub ends connections. The table is part of the wire, because clients act on it; it stands
 * in `@conclave/wire` and is documented in spec/wire.md and spec/hub.md.
 *
 * @module
 */
export { CLOSE_CODES } from '@conclave/wire'
export type { CloseCode } from '@conclave/wire'

/** Close codes with which a page says that it is done, so that nobody waits for it. RFC 6455 §7.4.1, spec H15 */
export const LEAVING_CODES: ReadonlySet<number> = new Set([1000, 1001])
