/**
 * The sending half of a pair: at most one connection, made when the peer asks for it.
 *
 * @module
 */
import { RateLimiter } from '@conclave/base'
import type { SignalMessage } from '../signalling/messages.ts'
import { createPeerContext } from './peer-context.ts'
import type { LinkOptions, PeerContext } from './peer-context.ts'
import { SenderPeer } from './sender-peer.ts'
import type { SenderPeerOptions } from './sender-peer.ts'

/** Options of a {@link SendingLink}. */
export interface SendingLinkOptions
  extends
    LinkOptions,
    Pick<SenderPeerOptions, 'tracks' | 'limits' | 'metadata' | 'wished' | 'packetTime'> {
  /** The peer, or a failure, ended the connection. */
  readonly disposed: () => void
}

/** Connections that a peer may begin at once, and then each second. spec S16 */
const INVITE_RATE = { burst: 4, perSecond: 2 }

type LinkState =
  | { readonly state: 'open'; readonly current: SenderPeer }
  /** The connection has ended, and the peer has not asked for another. */
  | { readonly state: 'ended' }
  | { readonly state: 'closed' }

/**
 * Keeps exactly one connection towards a peer, that of its latest invitation. Nothing is awaited between looking for
 * the connection and making it, so two invitations cannot make two. spec S16
 */
export class SendingLink {
  readonly #options: SendingLinkOptions
  readonly #context: PeerContext
  readonly #invites = new RateLimiter(INVITE_RATE)
  #state: LinkState
  /** The last name that ended: messages that still arrive under it are late, and it is never used again. */
  #endedName: string | undefined

  constructor(options: SendingLinkOptions) {
    this.#options = options
    this.#context = createPeerContext(options)
    // Made before it is asked for: transforms take their time.
    this.#state = this.#context.latch.isLost('send')
      ? { state: 'ended' }
      : { state: 'open', current: this.#create() }
  }

  /** The platform's connection, if there is one now. */
  get connection(): RTCPeerConnection | undefined {
    return this.#current?.connection
  }

  /** Queues a message of the peer's receiving half. */
  receive(message: SignalMessage): void {
    if (!this.#isClosed) this.#context.queue.handle(() => this.#handle(message))
  }

  /** Follows a change in the table of tracks. */
  updateTracks(): void {
    this.#current?.updateTracks()
  }

  /** Follows a change of the limits. */
  updateLimits(): void {
    this.#current?.updateLimits()
  }

  /** Repeats and repairs: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    this.#current?.revive(cause)
  }

  /** Ends the connection and tells the peer, because nothing that is sent can be protected. spec S42 */
  endUnprotected(): void {
    this.#finish('ended')
  }

  /** Ends the connection and tells the peer. */
  close(): void {
    this.#finish('closed')
    this.#context.queue.close()
  }

  get #isClosed(): boolean {
    return this.#state.state === 'closed'
  }

  get #current(): SenderPeer | undefined {
    return this.#state.state === 'open' ? this.#state.current : undefined
  }

  async #handle(message: SignalMessage): Promise<void> {
    if (this.#isClosed) return
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
        const current = this.#current
        if (current?.name === connection) return current.handle(message)
        // spec S20: a peer that still syncs a connection that has ended learns of its end.
        if (message.type === 'sync' && this.#context.mayWork()) this.#sendDispose(connection)
        return this.#context.dropped('stale')
      }
      case 'offer':
        return this.#context.dropped('unexpected')
    }
  }

  #handleInvoke(name: string | undefined): void {
    if (name === undefined) return this.#context.dropped('unexpected')
    if (this.#context.latch.isLost('send')) return this.#context.dropped('unprotected')
    if (name === this.#endedName) {
      if (this.#context.mayWork()) this.#sendDispose(name)
      return this.#context.dropped('stale')
    }
    const present = this.#current
    if (present !== undefined && (present.name === undefined || present.name === name)) {
      return present.invite(name)
    }
    if (!this.#invites.take(this.#context.clock.now())) return this.#context.dropped('rate')
    this.#end('ended')
    // A handler that heard of the end may have closed the link.
    if (this.#isClosed) return
    const current = this.#create()
    this.#state = { state: 'open', current }
    current.invite(name)
  }

  #handleDispose(name: string | undefined): void {
    const present = this.#current?.name
    if (present === undefined || (name !== undefined && name !== present)) {
      return this.#context.dropped('stale')
    }
    this.#end('ended')
    this.#options.disposed()
  }

  #create(): SenderPeer {
    const { tracks, limits, metadata, wished, packetTime } = this.#options
    const peer: SenderPeer = new SenderPeer({
      context: this.#context,
      tracks,
      limits,
      metadata,
      wished,
      packetTime,
      refused: (label, cause) => this.#fail(peer, label, cause),
      broken: () => this.#break(peer),
    })
    return peer
  }

  /** Fails closed: nothing was sent on the connection, and nothing will be; the peer may ask again. spec S25 */
  #fail(failed: SenderPeer, label: string, cause: unknown): void {
    if (failed !== this.#current) return
    this.#break(failed, () => {
      this.#context.stateChanged('failed')
      this.#context.protectFailed(label, cause)
    })
  }

  /** Ends a connection that is of no use, and tells the peer, which asks for another. */
  #break(broken: SenderPeer, tell?: () => void): void {
    if (broken !== this.#current) return
    this.#finish('ended')
    tell?.()
    this.#options.disposed()
  }

  /** Ends the connection, and tells the peer. */
  #finish(state: 'ended' | 'closed'): void {
    if (this.#isClosed) return
    const name = this.#current?.name
    this.#end(state)
    if (name !== undefined) this.#sendDispose(name)
  }

  #end(state: 'ended' | 'closed'): void {
    const current = this.#current
    this.#endedName = current?.name ?? this.#endedName
    this.#state = { state }
    current?.close()
  }

  #sendDispose(connection: string): void {
    this.#context.send({ type: 'dispose', id: this.#context.self, connection })
  }
}
