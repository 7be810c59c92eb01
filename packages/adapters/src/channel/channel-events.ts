import type { DropReason } from '@conclave/e2ee'
import type { TransportTrouble } from './transport.ts'

/** Events whose values nobody described. */
export interface AnyEvents {
  readonly [eventName: string]: unknown
}

/** The event names of an application; those of {@link ChannelNotices} are the channel's own. spec T2 */
export type EventNameOf<Events extends object> = Exclude<
  keyof Events & string,
  keyof ChannelNotices
>

/** What is known of an event beside its value; all of it authenticated. */
export interface ArrivedEvent {
  readonly eventName: string
  /** Who sealed it, as the holder of the key says. */
  readonly sender: string | undefined
  /** Its place among the sender's events, when it is numbered. */
  readonly place: { readonly stream: number; readonly sequence: number } | undefined
  readonly keyId: string
  readonly epoch: bigint
  /** The sender's public key whose signature verified, where a `verifier` was given. */
  readonly signedBy: Uint8Array<ArrayBuffer> | undefined
}

/** Why something that arrived reached no handler. spec T6 */
export type ArrivalDropReason =
  | DropReason
  /** No envelope: in clear, or something else. */
  | 'unsealed'
  /** More arrived than can be opened at a time. */
  | 'overflow'
  /** Authentic, but its check does not accept the value, or the name is one of the channel's own. */
  | 'unexpected'
  /** The storage of the replay guard failed. */
  | 'failed'

/** Something that arrived and reached no handler. */
export interface DroppedArrival {
  readonly reason: ArrivalDropReason
  /** As carriers say, who may lie; `undefined` when there is none, or when it is none. */
  readonly eventName: string | undefined
  /** The key that it names, where that is the reason. */
  readonly keyId?: string
  readonly epoch?: bigint
  /** What the storage of the replay guard threw. */
  readonly cause?: unknown
}

/** A key that something which arrived names, and that is not held. */
export interface MissingKey {
  readonly keyId: string
  readonly epoch: bigint
  /** Whether events wait for it. */
  readonly kept: boolean
}

/** What a sealed channel tells beside events, by name. An event of the application cannot have these names. */
export interface ChannelNotices {
  readonly dropped: DroppedArrival
  /** Fetch the key, add it to the keyring, and call `retryKept()`. spec T10 */
  readonly unknownKey: MissingKey
  /** The carrier said that it did not carry something. spec T23 */
  readonly trouble: TransportTrouble
}
