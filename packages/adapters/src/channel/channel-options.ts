import type { Clock } from '@conclave/base'
import type {
  CallSignalContext,
  EventCounter,
  EventKeys,
  EventSigner,
  EventVerifier,
  RealtimeContext,
  ReplayGuard,
} from '@conclave/e2ee'
import type { AnyEvents, EventNameOf } from './channel-events.ts'

/** The context of a channel's events, completed by the event name. An event of another context does not open. */
export type ChannelContext =
  | (Omit<RealtimeContext, 'eventName'> & { readonly kind: 'realtime' })
  | (Omit<CallSignalContext, 'eventName'> & { readonly kind: 'call' })

/** How the events of a channel are sealed and opened. */
export interface SealedChannelOptions<
  Events extends object = AnyEvents,
  Clear extends EventNameOf<Events> = never,
> {
  /** A keyring, a key source, or one AES-256-GCM key. */
  readonly keys: CryptoKey | EventKeys
  readonly context: ChannelContext
  /**
   * The name of this device among all senders: 1 to 255 bytes, visible to carriers, the same after a reload. You must
   * give no two devices or tabs the same name.
   */
  readonly sender: string
  /** The name of a bare key, in envelopes; a keyring or a key source names its keys itself. */
  readonly keyId?: string
  /** The epoch of a bare key. */
  readonly keyVersion?: number | bigint
  /** The lowest epoch that an arriving event may name. */
  readonly minKeyVersion?: number | bigint
  /** Numbers the events that are sent; when left out, a counter of this channel's own. */
  readonly counter?: EventCounter
  /** The time at which the channel's own counter begins; the machine's time when left out. */
  readonly clock?: Clock
  /**
   * Drops events that were opened before; when left out, a guard that lasts as long as the page. `'none'` disables replay
   * protection: replayed and unnumbered events are delivered.
   */
  readonly replay?: ReplayGuard | 'none'
  /** Signs the events that are sent; made by `createSigner` of `@conclave/e2ee/signing`. */
  readonly signer?: EventSigner
  /** Drops events that their sender did not sign; a `SignerDirectory` of `@conclave/e2ee/signing`. spec T16 */
  readonly verifier?: EventVerifier
  /** Hides the length of values within classes. See `SealEventOptions`. */
  readonly padding?: 'padme'
  /** Sends every event under one name, its own name sealed. Received events open either way. */
  readonly hideEventNames?: boolean
  /**
   * The names of events that travel in clear, sent and received; every other name is sealed. You must not take a clear
   * event for anybody's word: carriers read, write, change and repeat it. The list is read once, and both ends give the
   * same. spec T17
   */
  readonly clear?: readonly Clear[]
  /** How many events may wait for a missing key; 0 when left out, 512 at most. spec T10 */
  readonly keepUnknown?: number
  /** Whether a value has the shape that handlers expect. Without one you must check in the handler. */
  readonly checks?: {
    readonly [N in keyof Events]?: (value: unknown) => value is Events[N]
  }
}
