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

/**
 * Keeps exactly one connection towards a peer, that of its latest invitation. Nothing is awaited between looking for
 * the connection and making it, so two invitations cannot make two. spec S16
 */
export class SendingLink {
  readonly #options: SendingLinkOptions
  readonly #context: PeerContext
  readonly #invites = new RateLimiter(INVITE_RATE)
  /** None from the end of one connection until the peer asks for the next. */
  #current: SenderPeer | undefined
  #isClosed = false
  /** The last name that ended: messages that still arrive under it are late, and it is never used again. */
  #endedName: string | undefined

  constructor(options: SendingLinkOptions) {
    this.#options = options
    this.#context = createPeerContext(options)
    // Made before it is asked for: transforms take their time.
    if (!this.#context.lost.has('send')) this.#current = this.#create()
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
    this.#finish()
  }

  /** Ends the connection and tells the peer. */
  close(): void {
    this.#isClosed = true
    this.#finish()
    this.#context.queue.close()
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
    if (this.#context.lost.has('send')) return this.#context.dropped('unprotected')
    if (name === this.#endedName) {
      if (this.#context.mayWork()) this.#sendDispose(name)
      return this.#context.dropped('stale')
    }
    const present = this.#current
    if (present !== undefined && (present.name === undefined || present.name === name)) {
      return present.invite(name)
    }
    if (!this.#invites.take(this.#context.clock.now())) return this.#context.dropped('rate')
    this.#end()
    // A handler that heard of the end may have closed the link.
    if (this.#isClosed) return
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
    const peer: SenderPeer = new SenderPeer({
      ...this.#options,
      context: this.#context,
      // Fails closed: nothing was sent on the connection, and nothing will be; the peer may ask again. spec S25
      refused: (label, cause) =>
        this.#break(peer, () => {
          this.#context.stateChanged('failed')
          this.#context.protectFailed(label, cause)
        }),
      broken: () => this.#break(peer),
    })
    return peer
  }

  /** Ends a connection that is of no use, and tells the peer, which asks for another. */
  #break(broken: SenderPeer, tell?: () => void): void {
    if (broken !== this.#current) return
    this.#finish()
    tell?.()
    this.#options.disposed()
  }

  /** Ends the connection, and tells the peer. */
  #finish(): void {
    const name = this.#current?.name
    this.#end()
    if (name !== undefined) this.#sendDispose(name)
  }

  #end(): void {
    const current = this.#current
    this.#endedName = current?.name ?? this.#endedName
    // First, so that events raised by the connection's end find none.
    this.#current = undefined
    current?.close()
  }

  #sendDispose(connection: string): void {
    this.#context.send({ type: 'dispose', connection })
  }
}
