import type { DropReason } from '@conclave/e2ee'
import type { EventOrigin, OpenedFacts, TransportTrouble } from './transport.ts'

/** Events without a type for their values. */
export interface AnyEvents {
  readonly [eventName: string]: unknown
}

/** The event names of an application; those of {@link ChannelNotices} are the channel's own. spec T2 */
export type EventNameOf<Events extends object> = Exclude<
  keyof Events & string,
  keyof ChannelNotices
>

/** The authenticated facts about a sealed event, beside its value. */
export interface ArrivedEvent extends OpenedFacts {
  readonly type: 'sealed'
  readonly eventName: string
  readonly keyId: string
  readonly epoch: bigint
  /** The sender's public key whose signature verified, when a `verifier` was given. */
  readonly signedBy: Uint8Array<ArrayBuffer> | undefined
}

/**
 * The facts about an event in clear, under a name that is declared clear. Nothing authenticates it: carriers, and everybody
 * whom they let send, can have written, changed or repeated it. spec T19
 */
export interface ClearEvent {
  readonly type: 'clear'
  readonly eventName: string
  /** The origin of the event, by the carrier's word; `undefined` where it does not say. spec T20 */
  readonly from: EventOrigin | undefined
}

/** The facts that a handler of this name gets, where the names `Clear` are declared clear. */
export type EventFacts<Name extends string, Clear extends string> = [Name & Clear] extends [never]
  ? ArrivedEvent
  : string extends Clear
    ? ArrivedEvent | ClearEvent
    : Name extends Clear
      ? ClearEvent
      : ArrivedEvent | ClearEvent

/** Why a received event reached no handler. spec T6 */
export type ArrivalDropReason =
  | DropReason
  /** It is no envelope, in clear or of another format, and its name is not declared clear. */
  | 'unsealed'
  /** It is an envelope, and its name is declared clear. */
  | 'declared-clear'
  /** More events arrived than are opened at a time. */
  | 'overflow'
  /** It is authentic, but its check refused the value, the name is one of the channel's own, or it is for another recipient. */
  | 'unexpected'
  /** The storage of the replay guard failed. */
  | 'failed'

/** A received event that reached no handler. */
export interface DroppedArrival {
  readonly reason: ArrivalDropReason
  /** The name that carriers gave, who may lie; `undefined` when it is missing or malformed. */
  readonly eventName: string | undefined
  /** The key that it names, when that is the reason. */
  readonly keyId?: string
  readonly epoch?: bigint
  /** The error that the storage of the replay guard threw. */
  readonly cause?: unknown
}

/** A key that a received event names and that the channel does not have. */
export interface MissingKey {
  readonly keyId: string
  readonly epoch: bigint
  /** Whether events wait for it. */
  readonly kept: boolean
}

/** The notices of a sealed channel, by name. An event of the application cannot have these names. */
export interface ChannelNotices {
  readonly dropped: DroppedArrival
  /** You should fetch the key, add it to the keyring, and call `retryKept()`. spec T10 */
  readonly unknownKey: MissingKey
  /** The carrier reported that it dropped events. spec T23 */
  readonly trouble: TransportTrouble
}
