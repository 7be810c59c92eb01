/**
 * The transport of signalling: three functions over namespaces.
 *
 * @module
 */
import type { IceServerSource } from '../connection/ice-servers.ts'
import type { DataProtector, FrameProtector } from '../protectors.ts'
import type { Namespace } from './namespace.ts'

/**
 * A signalling transport. Messages are plain data that survives JSON; a driver neither reads nor changes
 * them. It need not be trusted: `encrypted` of `@conclave/client` makes a {@link SealedDriver} of it. spec S1, S2
 */
export interface Driver {
  /** Calls `handler` for each message of the namespace. Resolves when nothing emitted later is missed. */
  on(namespace: Namespace, handler: (message: unknown) => void): void | Promise<void>
  /** Removes a handler: once it resolves, `handler` is not called again. Returns, not throws, if there was none. */
  off(namespace: Namespace, handler: (message: unknown) => void): void | Promise<void>
  /** Sends a message to every handler of the namespace. Rejects or throws when it knows that it failed. */
  emit(namespace: Namespace, message: unknown): void | Promise<void>
  /** Calls `handler` each time the bus is back after it was lost, until the returned function is called. A driver that can lose it must have this. spec S83 */
  onReconnect?(handler: () => void): () => void
}

/** A handler of a sealed driver: `from` is the authenticated sender. */
export type SealedHandler = (message: unknown, from: string) => void

/**
 * A driver of authenticated, encrypted messages, the only kind that peers accept: made by `encrypted` of
 * `@conclave/client` over any driver, or implemented by a transport that seals by itself.
 *
 * You must call handlers only for messages whose sender, recipient, room and namespace were authenticated, each
 * at most once and in the order of its sender, with that sender as `from`. spec S3
 */
export interface SealedDriver {
  /** Marks the promise above; a plain driver has no such member and is refused. */
  readonly sealed: true
  /**
   * The id under which this side sends: the `from` of its messages. A driver may have it only once a first `on` has resolved, and is
   * empty before; it keeps it as long as something is `on`. spec S75
   */
  readonly id: string
  /** Protects the frames of peers that are made without a protector. spec S75 */
  readonly frames?: FrameProtector
  /** Protects the data of peers that are made without a protector. spec S89 */
  readonly data?: DataProtector
  /** The STUN and TURN servers of peers that are made without any. spec S121 */
  readonly iceServers?: IceServerSource | undefined
  /** The policy of peers that are made without one. spec S121 */
  readonly iceTransportPolicy?: RTCIceTransportPolicy | undefined
  /** As {@link Driver.on}, with the sender. */
  on(namespace: Namespace, handler: SealedHandler): void | Promise<void>
  /** As {@link Driver.off}. */
  off(namespace: Namespace, handler: SealedHandler): void | Promise<void>
  /** As {@link Driver.emit}. */
  emit(namespace: Namespace, message: unknown): void | Promise<void>
  /** As {@link Driver.onReconnect}. */
  onReconnect?(handler: () => void): () => void
  /** Whether a message to the peer can arrive now, as far as the driver knows. Left out: it can. While it cannot, ICE is not restarted. spec S146 */
  reaches?(peer: string): boolean
  /** Calls `handler` for each peer that hears this side from now on, until the returned function is called. A receiver then asks it. spec S36 */
  onJoined?(handler: (peer: string) => void): () => void
}

/** Checks at run time what the type promises, for callers without types. @throws TypeError for a plain driver. */
export function assertSealedDriver(driver: unknown): asserts driver is SealedDriver {
  const { sealed, id } = (driver ?? {}) as Partial<SealedDriver>
  if (sealed !== true || typeof id !== 'string') {
    throw new TypeError(
      '"driver" expected one that seals, as `encrypted` of @conclave/client makes',
    )
  }
}
