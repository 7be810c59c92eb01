import type { RefusedReason } from '@conclave/wire'

/** The messages that are accepted before the first grant. spec H10 */
export const OPENING_TYPES: ReadonlySet<string | undefined> = new Set(['join', 'subscribe', 'ping'])

/** Refusals that say nothing against the connection. spec H24 */
export const BLAMELESS: ReadonlySet<RefusedReason> = new Set(['absent', 'unavailable'])

/** Close codes with which a page leaves for good, so that the hub does not wait for it. RFC 6455 §7.4.1, spec H15 */
export const LEAVING_CODES: ReadonlySet<number> = new Set([1000, 1001])
