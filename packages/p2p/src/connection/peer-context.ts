/**
 * What every connection needs of the world around it.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { DropReason } from '../drops.ts'
import type { AnyP2pError } from '../errors.ts'
import type { SignalMessage } from '../signalling/messages.ts'
import type { FrameProtector } from '../protectors.ts'

/** Shared by the connections of one mesh, sender or receiver. */
export interface PeerEnvironment {
  /** The own id, in all messages. */
  readonly self: string
  readonly clock: Clock
  readonly frames: FrameProtector
  /** STUN and TURN servers, and whether only relays may be used. */
  readonly rtc: RTCConfiguration
  readonly dropped: (reason: DropReason) => void
  readonly failed: (error: AnyP2pError) => void
}

/** One connection's view of it. */
export interface PeerContext extends PeerEnvironment {
  /** The id of the other side. */
  readonly peer: string
  /** Sends to the other side of this connection. */
  readonly send: (message: SignalMessage) => void
  /** The platform's state of the connection changed. */
  readonly stateChanged: (state: RTCPeerConnectionState) => void
}

/** A connection as all of them are made: frames held back until a transform is set, one transport. */
export function createConnection(environment: PeerEnvironment): RTCPeerConnection {
  return new RTCPeerConnection({
    ...environment.rtc,
    bundlePolicy: 'max-bundle',
    ...environment.frames.connectionConfig,
  })
}
