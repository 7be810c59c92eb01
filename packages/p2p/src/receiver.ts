/**
 * Finds the senders of a room and receives their streams.
 *
 * @module
 */
import type { Namespace } from './signalling/driver.ts'
import { countDrop } from './drops.ts'
import type { DropCounts, DropReason } from './drops.ts'
import type { AnyP2pError } from './errors.ts'
import type { SignalMessage } from './signalling/messages.ts'
import { watchNetwork } from './recovery/network-watch.ts'
import type { PeerEnvironment } from './connection/peer-context.ts'
import {
  CONNECTION_TIMEOUT_MS,
  MAX_PEERS,
  checkPeerOptions,
  createEnvironment,
} from './peer-options.ts'
import type { PeerOptions } from './peer-options.ts'
import type { RemoteTrack } from './connection/receiver-peer.ts'
import { ReceivingLink, senderNamespace } from './connection/receiving-link.ts'
import { Retry } from './recovery/retry.ts'
import { SignalPort } from './signalling/signal-port.ts'
import { TypedEventTarget } from './typed-event-target.ts'

/** Events of a {@link Receiver}; `id` is the sender's. */
export interface ReceiverEvents {
  /** A sender's stream is there. Tracks that come or go later are added to it and removed from it. */
  readonly stream: {
    readonly id: string
    readonly stream: MediaStream
    /** What the sender was started with. */
    readonly metadata: unknown
  }
  /** A sender is connected. */
  readonly connect: { readonly id: string }
  /** A sender is gone. */
  readonly dispose: { readonly id: string }
  /** Something failed; what can be tried again is tried again. */
  readonly error: { readonly error: AnyP2pError }
  /** A message changed nothing. */
  readonly dropped: { readonly reason: DropReason }
}

/** Pauses between questions into the room, in milliseconds; the last one repeats for ever. spec S36 */
export const DISCOVERY_DELAYS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

/**
 * Receives from all senders of a room that the driver authenticates, those that come later too.
 */
export class Receiver extends TypedEventTarget<ReceiverEvents> {
  readonly #options: PeerOptions
  readonly #environment: PeerEnvironment
  readonly #sourceByPeer = new Map<string, Source>()
  readonly #dropCounts = new Map<DropReason, number>()
  #running: Running | undefined

  /** @throws TypeError for a driver that does not seal, or that sends under another id. */
  constructor(options: PeerOptions) {
    super()
    checkPeerOptions(options)
    this.#options = options
    this.#environment = createEnvironment(options, {
      dropped: (reason) => this.#drop(reason),
      failed: (error) => this.raise('error', { error }),
    })
  }

  /** The own id. */
  get id(): string {
    return this.#environment.self
  }

  /** Whether it was started and not stopped. */
  get active(): boolean {
    return this.#running !== undefined
  }

  /** The connections with senders, for statistics. You must not change them. */
  get connections(): ReadonlyMap<string, RTCPeerConnection> {
    const connections = new Map<string, RTCPeerConnection>()
    for (const [peer, { link }] of this.#sourceByPeer) {
      if (link.connection !== undefined) connections.set(peer, link.connection)
    }
    return connections
  }

  /** How many messages changed nothing, by reason. */
  get drops(): DropCounts {
    return this.#dropCounts
  }

  /**
   * Begins to receive. Resolves when senders can answer; rejects with what the driver says if they cannot.
   *
   * @throws TypeError if it runs already.
   */
  async start({ room }: { readonly room: string }): Promise<void> {
    if (this.#running !== undefined) {
      throw new TypeError('"start" expected a receiver that is stopped')
    }
    const namespaces: Namespace[] = [
      ['receiver', room],
      ['receiver', room, this.id],
    ]
    const port = new SignalPort(this.#options.driver, namespaces, {
      delivered: (message) => this.#deliver(message),
      dropped: (reason) => this.#drop(reason),
      failed: (error) => this.raise('error', { error }),
    })
    const discovery = new Retry(
      this.#environment.clock,
      () => this.#ask(['sender', room], ''),
      DISCOVERY_DELAYS_MS,
    )
    const unwatch = watchNetwork(() => this.#revive('network'))
    this.#running = { room, port, discovery, unwatch }
    try {
      await port.ready
    } catch (error) {
      await this.stop()
      throw error
    }
    this.#ask(['sender', room], '')
    discovery.start()
  }

  /** Says again what is open, and repairs what is broken: call it when the driver came back. */
  resync(): void {
    this.#revive('signalling')
  }

  /** Ends all connections and says so. It can be started again. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    for (const peer of [...this.#sourceByPeer.keys()]) this.#remove(peer)
    this.#running = undefined
    running.unwatch()
    running.discovery.stop()
    await running.port.close()
  }

  #deliver(message: SignalMessage): void {
    const { id } = message
    const source = this.#sourceByPeer.get(id)
    if (message.type === 'sync' && message.connection === undefined) {
      // A sender says that it is here: new to us, or perhaps begun anew since we heard of it.
      if (source === undefined) this.#add(id)
      else source.link.revive('signalling')
      return
    }
    if (source === undefined) return this.#drop('unknown-peer')
    source.link.take(message)
  }

  #add(peer: string): void {
    const running = this.#running
    if (running === undefined) return
    if (this.#sourceByPeer.size >= (this.#options.maxPeers ?? MAX_PEERS)) {
      return this.#drop('too-many-peers')
    }
    const namespace = senderNamespace(running.room, peer)
    const link = new ReceivingLink({
      environment: this.#environment,
      peer,
      send: (message) => running.port.send(namespace, message, peer),
      stateChanged: (state) => this.#stateChanged(peer, state),
      offered: ({ metadata }) => {
        const source = this.#sourceByPeer.get(peer)
        if (source !== undefined) source.metadata = parseMetadata(metadata)
      },
      trackBegan: (track) => this.#trackBegan(peer, track),
      trackEnded: ({ track }) => this.#sourceByPeer.get(peer)?.stream.removeTrack(track),
      disposed: () => {
        this.#remove(peer)
        // It may only have begun anew: then it answers.
        this.#ask(namespace, peer)
      },
    })
    const source = { link, stream: new MediaStream(), metadata: undefined, isTold: false }
    this.#sourceByPeer.set(peer, { ...source, timer: this.#expire(peer) })
  }

  #remove(peer: string): void {
    const source = this.#sourceByPeer.get(peer)
    if (source === undefined) return
    this.#sourceByPeer.delete(peer)
    this.#environment.clock.clearTimeout(source.timer)
    source.link.close()
    this.raise('dispose', { id: peer })
  }

  #stateChanged(peer: string, state: RTCPeerConnectionState): void {
    const source = this.#sourceByPeer.get(peer)
    if (source === undefined) return
    if (state !== 'connected') {
      source.timer ??= this.#expire(peer)
      return
    }
    this.#environment.clock.clearTimeout(source.timer)
    source.timer = undefined
    this.raise('connect', { id: peer })
  }

  #expire(peer: string): unknown {
    return this.#environment.clock.setTimeout(() => this.#remove(peer), CONNECTION_TIMEOUT_MS)
  }

  #trackBegan(peer: string, { track }: RemoteTrack): void {
    const source = this.#sourceByPeer.get(peer)
    if (source === undefined) return
    source.stream.addTrack(track)
    if (source.isTold) return
    source.isTold = true
    // After the other tracks of the same offer, so that the stream is whole when it is told.
    queueMicrotask(() => {
      if (this.#sourceByPeer.get(peer) !== source) return
      this.raise('stream', { id: peer, stream: source.stream, metadata: source.metadata })
    })
  }

  #revive(type: 'network' | 'signalling'): void {
    const running = this.#running
    if (running === undefined) return
    if (type === 'signalling') this.#ask(['sender', running.room], '')
    for (const { link } of this.#sourceByPeer.values()) link.revive(type)
  }

  #ask(namespace: Namespace, peer: string): void {
    this.#running?.port.send(namespace, { type: 'invoke', id: this.id }, peer)
  }

  #drop(reason: DropReason): void {
    countDrop(this.#dropCounts, reason)
    this.raise('dropped', { reason })
  }
}

interface Running {
  readonly room: string
  readonly port: SignalPort
  readonly discovery: Retry
  readonly unwatch: () => void
}

/** What is known of a sender. */
interface Source {
  readonly link: ReceivingLink
  readonly stream: MediaStream
  metadata: unknown
  isTold: boolean
  /** Ends it if no connection comes about; `undefined` while there is one. */
  timer: unknown
}

const parseMetadata = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
