/**
 * What `Sender`, `Receiver` and `Mesh` are made of alike.
 *
 * @module
 */
import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { assertSealedDriver } from './signalling/driver.ts'
import type { SealedDriver } from './signalling/driver.ts'
import type { PeerEnvironment } from './connection/peer-context.ts'
import type { FrameProtector } from './protectors.ts'

/** What a `Sender` or a `Receiver` needs. */
export interface PeerOptions {
  /** Where signalling goes; it seals what it carries. */
  readonly driver: SealedDriver
  /** Encrypts and opens frames. */
  readonly frames: FrameProtector
  /** The own id: that under which the driver sends, which is also what it is without this. */
  readonly id?: string
  /** STUN and TURN servers. */
  readonly iceServers?: readonly RTCIceServer[]
  /** `relay` to use TURN only. */
  readonly iceTransportPolicy?: RTCIceTransportPolicy
  /** Most peers at once, 64 without it. */
  readonly maxPeers?: number
  /** Replaced in tests. */
  readonly clock?: Clock
}

/** Most peers at once, unless told otherwise. spec S13 */
export const MAX_PEERS = 64

/**
 * How long a peer that nobody else vouches for may be without a connection before it counts as gone, in
 * milliseconds. spec S37
 */
export const CONNECTION_TIMEOUT_MS = 30_000

/** @throws TypeError for a driver that does not seal, or that sends under another id. */
export function checkPeerOptions({ driver, id }: PeerOptions): void {
  assertSealedDriver(driver)
  if (id !== undefined && id !== driver.id) {
    throw new TypeError('"id" expected the id under which the driver sends')
  }
}

/** The options as connections see them. */
export function createEnvironment(
  options: PeerOptions,
  events: Pick<PeerEnvironment, 'dropped' | 'failed'>,
): PeerEnvironment {
  const { driver, frames, iceServers, iceTransportPolicy, clock = systemClock } = options
  return {
    self: driver.id,
    clock,
    frames,
    rtc: {
      ...(iceServers === undefined ? {} : { iceServers: [...iceServers] }),
      ...(iceTransportPolicy === undefined ? {} : { iceTransportPolicy }),
    },
    ...events,
  }
}
