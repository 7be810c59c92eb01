/** Length of an event's data in bytes, as the protocol counts it. */
export function dataLength(data: unknown): number {
  return Buffer.byteLength(typeof data === 'string' ? data : (JSON.stringify(data) ?? ''))
}

/** Decodes an object, or JSON text of one. Returns `undefined`, not throws, for anything else. */
export function decodeObject(value: unknown): Record<string, unknown> | undefined {
  try {
    const decoded: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return typeof decoded === 'object' && decoded !== null
      ? (decoded as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** The most bytes of an event's data: 10 kB. */
export const MAX_DATA_BYTES = 10_240

/** The most characters of an event's name. */
export const MAX_EVENT_NAME = 200

/** The names that a channel can have. */
export const CHANNEL_NAME: RegExp = /^[A-Za-z0-9_\-=@,.;]{1,164}$/
