/**
 * Why the hub ends connections. The table is part of the wire, because clients act on it; it stands
 * in `@conclave/wire` and is documented in spec/wire.md and spec/hub.md.
 *
 * @module
 */
import { CLOSE_CODES as WIRE_CLOSE_CODES } from '@conclave/wire'
import type { CloseCode as WireCloseCode } from '@conclave/wire'

/** One way in which a hub ends a connection. */
export type CloseCode = WireCloseCode

/** Every way in which a hub ends a connection by itself. spec W14 */
export const CLOSE_CODES: typeof WIRE_CLOSE_CODES = WIRE_CLOSE_CODES

/** Close codes with which a page says that it is done, so that nobody waits for it. RFC 6455 §7.4.1, spec H15 */
export const LEAVING_CODES: ReadonlySet<number> = new Set([1000, 1001])
