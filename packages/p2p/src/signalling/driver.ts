/**
 * The transport of signalling: three functions over namespaces, whatever lies beneath them.
 *
 * @module
 */

/**
 * Where a message goes: `['sender', room]` (all senders of a room), `['sender', room, id]` (one of them),
 * `['receiver', room]`, `['receiver', room, id]`. Compared element by element. spec S1
 */
export type Namespace = readonly string[]

/**
 * A signalling transport. Messages are plain data that survives JSON; a driver neither reads nor changes
 * them, and need not be trusted: give it to {@link sealDriver} before use. spec S1, S2
 */
export interface Driver {
  /** Calls `handler` for each message of the namespace. Resolves when nothing emitted later is missed. */
  on(namespace: Namespace, handler: (message: unknown) => void): void | Promise<void>
  /** Ends that: after it resolved, `handler` is not called again. Returns, not throws, if there was none. */
  off(namespace: Namespace, handler: (message: unknown) => void): void | Promise<void>
  /** Sends a message to all that listen on the namespace. Rejects or throws when it knows that it failed. */
  emit(namespace: Namespace, message: unknown): void | Promise<void>
}

/** What a sealed driver calls: `from` is the authenticated sender. */
export type SealedHandler = (message: unknown, from: string) => void

/**
 * A driver of authenticated, encrypted messages, the only kind that peers accept: made by {@link sealDriver}
 * over a raw bus, or by a transport that seals by itself.
 *
 * You must call handlers only for messages whose sender, recipient, room and namespace were authenticated, each
 * at most once and in the order of its sender, with that sender as `from`. spec S3, S4
 */
export interface SealedDriver {
  /** Marks the promise above; a plain driver has no such member and is refused. */
  readonly sealed: true
  /** Under which id this side sends: what the others get as `from`. */
  readonly id: string
  /** As {@link Driver.on}, with the sender. */
  on(namespace: Namespace, handler: SealedHandler): void | Promise<void>
  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: SealedHandler): void | Promise<void>
  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void | Promise<void>
}

/** Checks at run time what the type says, for callers without types. @throws TypeError for a plain driver. */
export function assertSealedDriver(driver: unknown): asserts driver is SealedDriver {
  const candidate = driver as Partial<SealedDriver> | null | undefined
  if (
    typeof candidate !== 'object' ||
    candidate === null ||
    candidate.sealed !== true ||
    typeof candidate.id !== 'string'
  ) {
    throw new TypeError('"driver" expected a sealed driver, as made by sealDriver')
  }
}

/** One key for a namespace, for use in maps: different namespaces never share it. */
export function namespaceKey(namespace: Namespace): string {
  return JSON.stringify(namespace)
}
