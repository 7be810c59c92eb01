/**
 * The environment of a peer's connections, given by the objects above them.
 *
 * @module
 */
import { type Clock, RateLimiter } from '@conclave/base'
import { P2pError } from '../errors.ts'
import type { AnyP2pError } from '../errors.ts'
import type { FrameProtector, MediaDirection } from '../protectors.ts'
import type { SignalDropReason } from '../signalling/drop-reason.ts'
import type { OutgoingMessage } from '../signalling/messages.ts'
import type { IceServers } from './ice-servers.ts'
import { LinkQueue } from './link-queue.ts'
import { AddressBudget } from './remote-address.ts'

/** Shared by the connections of one mesh, sender or receiver. */
export interface PeerEnvironment {
  readonly clock: Clock
  readonly frames: FrameProtector
  /** The directions that the protector has lost: nothing of them is attached again. spec S42 */
  readonly lost: ReadonlySet<MediaDirection>
  /** The kind of each label that may be received; `undefined` for every label. spec S60 */
  readonly kindByLabel: ReadonlyMap<string, 'audio' | 'video'> | undefined
  readonly iceServers: IceServers
  /** Whether a message to the peer can arrive now. spec S146 */
  readonly reaches: (peer: string) => boolean
  /** A message was dropped. */
  readonly dropped: (reason: SignalDropReason) => void
  readonly failed: (error: AnyP2pError) => void
}

/** A connection that data can be sent in, or received. */
export interface ConnectionEnd {
  readonly connection: RTCPeerConnection
  /** The name of the connection; `undefined` as long as the receiving side has not said that it takes data. */
  readonly dataName: () => string | undefined
  /** The connection is worth nothing now: it is to be replaced. Only for the queue of its link. */
  readonly broken: () => void
}

/** Makes the data channels of a connection, before its first description, and returns the function that ends them. spec S89 */
export type AttachData = (end: ConnectionEnd, context: DataContext) => () => void

/** The part of a {@link PeerContext} that data needs. */
export type DataContext = Pick<PeerContext, 'queue' | 'dropped'>

/** The part of a {@link PeerContext} that differs from link to link. */
export interface LinkOptions {
  readonly environment: PeerEnvironment
  /** The id of the other side. */
  readonly peer: string
  /** Sends to the other side of this link. */
  readonly send: (message: OutgoingMessage) => void
  /** The platform's state of the connection changed. */
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  /** A connection is not connected 30 s after its descriptions were set, or after it was connected last. spec S88 */
  readonly unreachable: () => void
  /** Left out: its connections carry no data. */
  readonly attachData?: AttachData | undefined
}

/** The environment of the connections of one link. */
export interface PeerContext extends PeerEnvironment, Omit<LinkOptions, 'environment'> {
  /** Runs everything that happens to the link, one task at a time. */
  readonly queue: LinkQueue
  /** The places that the peer may point this side at. spec S116 */
  readonly addresses: AddressBudget
  /** Whether a question that costs much, or was answered before, is answered now; counts one that came too often. spec S117 */
  readonly mayWork: () => boolean
  /** Reports that a description could not be made or applied. */
  readonly negotiationFailed: (cause: unknown) => void
  /** Reports that the frame protector refused the track with this label. */
  readonly protectFailed: (label: string, cause: unknown) => void
  /** Reports that no codec is left for the track with this label. spec S53 */
  readonly codecMissing: (label: string, direction: 'send' | 'receive') => void
}

/** Makes the context of one link. */
export function createPeerContext(options: LinkOptions): PeerContext {
  const { environment, ...link } = options
  const { peer } = link
  const { clock, dropped, failed } = environment
  const negotiationFailed = (cause: unknown): void =>
    failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause }))
  const costly = new RateLimiter(COSTLY)
  return {
    ...environment,
    ...link,
    addresses: new AddressBudget(),
    mayWork: () => {
      const may = costly.take(clock.now())
      if (!may) dropped('rate')
      return may
    },
    queue: new LinkQueue({
      nowMs: () => clock.now(),
      dropped,
      failed: negotiationFailed,
    }),
    negotiationFailed,
    protectFailed: (label, cause) =>
      failed(new P2pError('ERR_P2P_PROTECT_FAILED', { peer, label }, { cause })),
    codecMissing: (label, direction) =>
      failed(new P2pError('ERR_P2P_UNSUPPORTED_CODEC', { peer, label, direction })),
  }
}

/** New offers of a peer, and answers to what it asked before. spec S117 */
const COSTLY = { burst: 32, perSecond: 4 }
