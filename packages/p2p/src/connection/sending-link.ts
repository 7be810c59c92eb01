/**
 * The sending half of a pair: at most one connection, made when the peer asks for it.
 *
 * @module
 */
import type { Namespace } from '../signalling/driver.ts'
import { P2pError } from '../errors.ts'
import type { EncodingLimits } from './encodings.ts'
import { Inbox } from '../inbox.ts'
import type { LocalTrack, LocalTracks } from './local-tracks.ts'
import type { SignalMessage } from '../signalling/messages.ts'
import type { PeerContext, PeerEnvironment } from './peer-context.ts'
import { SenderPeer } from './sender-peer.ts'

/** What a sending link needs. */
export interface SendingLinkOptions {
  readonly environment: PeerEnvironment
  readonly peer: string
  readonly tracks: LocalTracks
  readonly limits: (track: LocalTrack) => EncodingLimits
  readonly metadata?: string | undefined
  /** Sends to the receiving half of the peer. */
  readonly send: (message: SignalMessage) => void
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  /** The peer, or a failure, ended the connection. */
  readonly disposed: () => void
}

/** Connections that a peer may begin at once; then one each {@link INVITE_INTERVAL_MS}. spec S16 */
export const INVITE_BURST = 4
/** See {@link INVITE_BURST}. */
export const INVITE_INTERVAL_MS = 500

/**
 * Keeps exactly one connection towards a peer, that of its latest invitation. Whatever two invitations race,
 * there is no moment between looking and making in which the other one could run. spec S16
 */
export class SendingLink {
  readonly #options: SendingLinkOptions
  readonly #context: PeerContext
  readonly #inbox: Inbox
  #current: SenderPeer | undefined
  /** The last name that ended: what still arrives under it is late, and it is never used again. */
  #ended: string | undefined
  /** When the allowance for new connections is full again. */
  #allowanceAtMs: number
  #closed = false

  constructor(options: SendingLinkOptions) {
    const { environment, peer, send } = options
    this.#options = options
    this.#context = { ...environment, peer, send, stateChanged: options.stateChanged }
    this.#inbox = new Inbox((error) =>
      environment.failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause: error })),
    )
    this.#allowanceAtMs = environment.clock.now()
    // Ready before it is asked for: transforms take their time.
    this.#current = this.#create()
  }

  /** The platform's connection, if there is one now. */
  get connection(): RTCPeerConnection | undefined {
    return this.#current?.connection
  }

  /** Takes a message of the peer's receiving half. */
  take(message: SignalMessage): void {
    if (this.#closed) return
    if (!this.#inbox.push(() => this.#handle(message))) this.#context.dropped('overflow')
  }

  /** The table of tracks changed. */
  updateTracks(): void {
    this.#current?.updateTracks()
  }

  /** The limits changed. */
  updateLimits(): void {
    this.#current?.updateLimits()
  }

  /** The device's network changed, or the driver came back. */
  revive(type: 'network' | 'signalling'): void {
    this.#current?.revive(type)
  }

  /** Ends the connection and says so. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.close()
    const name = this.#current?.name
    this.#end()
    if (name !== undefined) this.#sendDispose(name)
  }

  async #handle(message: SignalMessage): Promise<void> {
    if (this.#closed) return
    switch (message.type) {
      case 'invoke':
        return this.#handleInvoke(message.connection)
      case 'dispose':
        return this.#handleDispose(message.connection)
      case 'answer':
      case 'candidate':
      case 'sync': {
        const { connection } = message
        if (connection === undefined) return this.#context.dropped('unexpected')
        if (this.#current !== undefined && this.#current.name === connection) {
          return this.#current.take(message)
        }
        // spec S20: who still talks of a connection that is gone is told so.
        if (message.type === 'sync') this.#sendDispose(connection)
        return this.#context.dropped('stale')
      }
      case 'offer':
        return this.#context.dropped('unexpected')
    }
  }

  #handleInvoke(name: string | undefined): void {
    if (name === undefined) return this.#context.dropped('unexpected')
    if (name === this.#ended) {
      this.#sendDispose(name)
      return this.#context.dropped('stale')
    }
    const present = this.#current
    if (present !== undefined && (present.name === undefined || present.name === name)) {
      return present.invite(name)
    }
    if (!this.#allow()) return this.#context.dropped('rate')
    this.#end()
    this.#current = this.#create()
    this.#current.invite(name)
  }

  #handleDispose(name: string | undefined): void {
    const present = this.#current?.name
    if (present === undefined || (name !== undefined && name !== present)) {
      return this.#context.dropped('stale')
    }
    this.#end()
    this.#options.disposed()
  }

  #create(): SenderPeer {
    const { tracks, limits, metadata } = this.#options
    const peer: SenderPeer = new SenderPeer({
      context: this.#context,
      inbox: this.#inbox,
      tracks,
      limits,
      metadata,
      protectFailed: (label, cause) => this.#fail(peer, label, cause),
    })
    return peer
  }

  /** Fails closed: nothing was sent on it, and nothing will be; the peer may ask again. spec S25 */
  #fail(failed: SenderPeer, label: string, cause: unknown): void {
    if (this.#closed || failed !== this.#current) return
    const { peer } = this.#context
    const { name } = failed
    this.#end()
    if (name !== undefined) this.#sendDispose(name)
    this.#context.stateChanged('failed')
    this.#context.failed(new P2pError('ERR_P2P_PROTECT_FAILED', { peer, label }, { cause }))
    this.#options.disposed()
  }

  #end(): void {
    this.#ended = this.#current?.name ?? this.#ended
    const current = this.#current
    this.#current = undefined
    current?.close()
  }

  #allow(): boolean {
    const nowMs = this.#context.clock.now()
    const fullAtMs = Math.max(this.#allowanceAtMs, nowMs) + INVITE_INTERVAL_MS
    if (fullAtMs - nowMs > INVITE_BURST * INVITE_INTERVAL_MS) return false
    this.#allowanceAtMs = fullAtMs
    return true
  }

  #sendDispose(connection: string): void {
    this.#context.send({ type: 'dispose', id: this.#context.self, connection })
  }
}

/** Where the receiving half of a peer listens. */
export function receiverNamespace(room: string, peer: string): Namespace {
  return ['receiver', room, peer]
}
