import type { RemoteTrack } from './connection/receiver-sections.ts'
import type { AnyP2pError } from './errors.ts'
import type { SignalDropReason } from './signalling/drop-reason.ts'

/** Events of a `Mesh`. */
export interface MeshEvents {
  /** A peer's track began; its frames are shown only once they authenticate. */
  readonly track: { readonly peer: string } & RemoteTrack
  /** The track was removed. */
  readonly trackEnded: { readonly peer: string } & RemoteTrack
  /** One of the two connections with a peer changed its state. */
  readonly connection: {
    readonly peer: string
    readonly direction: 'send' | 'receive'
    readonly state: RTCPeerConnectionState
  }
  /** A peer sent bytes in a channel, of the kind that it says. */
  readonly data: {
    readonly peer: string
    readonly channel: string
    readonly reliable: boolean
    readonly bytes: Uint8Array<ArrayBuffer>
  }
  /** Data can be sent to the peer. Comes again after each `dataClose`: repeat then what the peer did not confirm. spec S93 */
  readonly dataOpen: { readonly peer: string }
  /** No data can be sent to the peer until the next `dataOpen`; what was sent last may have arrived or not. */
  readonly dataClose: { readonly peer: string }
  /** A message was dropped. */
  readonly dropped: { readonly reason: SignalDropReason }
  /** An operation failed; it is tried again where that can help. */
  readonly error: { readonly error: AnyP2pError }
}
