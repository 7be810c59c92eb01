/**
 * Options that `Sender`, `Receiver` and `Mesh` share.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import type { IceServerSource } from './connection/ice-servers.ts'
import type { DataProtector, FrameProtector } from './protectors.ts'
import type { SealedDriver } from './signalling/driver.ts'

/** Options of a `Sender` or a `Receiver`. */
export interface PeerOptions {
  /** The signalling transport; it seals what it carries. */
  readonly driver: SealedDriver
  /** Encrypts and decrypts frames. Left out: the driver's own protector, which it must have then. spec S75 */
  readonly frames?: FrameProtector
  /** Seals and opens data. Left out: the driver's own protector; without that there is no data. spec S89 */
  readonly data?: DataProtector
  /** The own id; it must be the one under which the driver sends, which is also its default. */
  readonly id?: string
  /** STUN and TURN servers, or a function that gives them, with fresh credentials. Left out: those of the driver, if it brings any. spec S121 */
  readonly iceServers?: IceServerSource
  /** `relay` to use TURN only: peers then do not learn this side's addresses. Left out: the driver's policy. spec S121 */
  readonly iceTransportPolicy?: RTCIceTransportPolicy
  /**
   * The labels that the application shows, with their kinds: nothing is received under any other, so that a peer cannot
   * keep the decoder busy with what nobody sees. Every label, if it is left out. spec S60
   */
  readonly labels?: Readonly<Record<string, 'audio' | 'video'>> | undefined
  /** Most peers at once, 64 by default. */
  readonly maxPeers?: number
  /** Replaced in tests. */
  readonly clock?: Clock
}

/** How media and signalling are protected: end to end, or, with `@conclave/p2p/plain` only, not. spec S82 */
export type Protection = 'end-to-end' | 'none'

/** Most peers at once by default. spec S13 */
export const MAX_PEERS = 64
