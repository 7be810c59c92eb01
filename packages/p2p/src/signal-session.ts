/**
 * The part that `Sender`, `Receiver` and `Mesh` have in common: the signalling of one room at a time, and the counts
 * of what it drops.
 *
 * @module
 */
import { systemClock } from '@conclave/base'
import { IceServers } from './connection/ice-servers.ts'
import type { PeerEnvironment } from './connection/peer-context.ts'
import type { AnyP2pError } from './errors.ts'
import { MAX_PEERS } from './peer-options.ts'
import type { PeerOptions } from './peer-options.ts'
import type { MediaDirection } from './protectors.ts'
import { watchNetwork } from './recovery/network-watch.ts'
import { assertSealedDriver } from './signalling/driver.ts'
import type { SignalDropCounts, SignalDropReason } from './signalling/drop-reason.ts'
import type { OutgoingMessage, SignalMessage } from './signalling/messages.ts'
import { namespaceOf } from './signalling/namespace.ts'
import type { Namespace, Side } from './signalling/namespace.ts'
import { SignalPort } from './signalling/signal-port.ts'

/** Callbacks of a {@link SignalSession}. */
export interface SignalSessionEvents {
  /** A message of another peer, and the namespace that it arrived in. */
  readonly delivered: (message: SignalMessage, namespace: Namespace) => void
  /** A message was dropped, and counted. */
  readonly dropped: (reason: SignalDropReason) => void
  readonly failed: (error: AnyP2pError) => void
  /** A direction is no longer protected: its connections are to be closed. spec S42 */
  readonly lost: (direction: MediaDirection) => void
  /** Open messages are to be repeated and broken connections restarted: the device or the driver is back. */
  readonly revived: (cause: 'network' | 'signalling') => void
  /** Another peer hears this side from now on, if the driver can tell. */
  readonly joined?: (peer: string) => void
}

interface OpenSession {
  readonly room: string
  readonly port: SignalPort
  /** Each ends what it watches. */
  readonly watches: readonly ((() => void) | undefined)[]
}

/** Signalling in one room after another; closed at first. */
export class SignalSession {
  /** The environment of all connections. */
  readonly environment: PeerEnvironment
  /** Most peers at once. */
  readonly maxPeers: number
  readonly #options: PeerOptions
  readonly #events: SignalSessionEvents
  readonly #drops = new Map<SignalDropReason, number>()
  #open: OpenSession | undefined

  /**
   * @throws TypeError for a driver that does not seal, or that sends under another id, without a frame protector, and for
   *   wrong `iceServers`.
   */
  constructor(options: PeerOptions, events: SignalSessionEvents) {
    const { driver, id, labels, clock = systemClock } = options
    assertSealedDriver(driver)
    const { frames = driver.frames } = options
    const { iceServers: source = driver.iceServers ?? [] } = options
    const { iceTransportPolicy: policy = driver.iceTransportPolicy } = options
    if (frames === undefined) {
      throw new TypeError('"frames" expected a frame protector, which this driver does not bring')
    }
    if (id !== undefined && id !== driver.id) {
      throw new TypeError(`"id" expected ${driver.id}, under which the driver sends, got ${id}`)
    }
    const lost = new Set<MediaDirection>()
    frames.onLost?.((direction) => {
      if (lost.has(direction)) return
      lost.add(direction)
      events.lost(direction)
    })
    this.#options = options
    this.#events = events
    this.maxPeers = options.maxPeers ?? MAX_PEERS
    this.environment = {
      clock,
      frames,
      kindByLabel: labels && new Map(Object.entries(labels)),
      lost,
      iceServers: new IceServers({
        ...{ source, policy, clock },
        failed: events.failed,
      }),
      reaches: (peer) => driver.reaches?.(peer) !== false,
      dropped: (reason) => this.drop(reason),
      failed: events.failed,
    }
  }

  /** The own id. */
  get id(): string {
    return this.#options.driver.id
  }

  /** The room while the session is open. */
  get room(): string | undefined {
    return this.#open?.room
  }

  /** How many messages were dropped for each reason. */
  get drops(): SignalDropCounts {
    return new Map(this.#drops)
  }

  /**
   * Opens the session, at once, and listens on the namespaces, each of which may depend on the ones before. Resolves when the driver listens on all of them;
   * rejects with the driver's error, and stays open, if it cannot.
   */
  open(room: string, namespaces: Iterable<Namespace>): Promise<void> {
    const { driver } = this.#options
    const port = new SignalPort(driver, namespaces, {
      ...this.#events,
      dropped: (reason) => this.drop(reason),
    })
    let isHeard = false
    const watches = [
      watchNetwork(() => this.#events.revived('network')),
      driver.onReconnect?.(() => this.resync()),
      driver.onJoined?.((peer) => {
        // Until all of it listens, an answer would be missed.
        if (isHeard) this.#events.joined?.(peer)
      }),
    ]
    this.#open = { room, port, watches }
    return port.ready.then(() => {
      isHeard = true
    })
  }

  /** Media is near: its protector begins. Does nothing while the session is closed. spec S129 */
  startFrames(): void {
    if (this.#open !== undefined) this.environment.frames.start?.()
  }

  /** Sends to a side of one peer, or of all, in the order of calls. Reports failures to `failed`; sends nothing while the session is closed. */
  send(side: Side, message: OutgoingMessage, peer?: string): void {
    this.#open?.port.send(namespaceOf(side, this.#open.room, peer), message)
  }

  /** Whether there may be a connection with one more peer; counts the message that asks for one that may not be. spec S13, S42 */
  mayAdd(direction: MediaDirection, peers: number): boolean {
    if (this.environment.lost.has(direction)) this.drop('unprotected')
    else if (peers >= this.maxPeers) this.drop('too-many-peers')
    else return true
    return false
  }

  /** Counts a message that changes nothing, and reports it. */
  drop(reason: SignalDropReason): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1)
    this.#events.dropped(reason)
  }

  /** Repeats and repairs after the driver came back; does nothing while the session is closed. */
  resync(): void {
    if (this.#open !== undefined) this.#events.revived('signalling')
  }

  /** Closes the session. Resolves when the messages sent before have left. spec S85 */
  async close(): Promise<void> {
    const present = this.#open
    this.#open = undefined
    for (const end of present?.watches ?? []) end?.()
    await present?.port.close(this.environment.clock)
  }
}

/** The connections of links that have one now. */
export function connectionByPeer(
  links: Iterable<readonly [string, { readonly connection: RTCPeerConnection | undefined }]>,
): ReadonlyMap<string, RTCPeerConnection> {
  const connections = new Map<string, RTCPeerConnection>()
  for (const [peer, { connection }] of links) {
    if (connection !== undefined) connections.set(peer, connection)
  }
  return connections
}
