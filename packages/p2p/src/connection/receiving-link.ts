/**
 * The receiving half of a pair: asks for a connection until it has one, and again when it has ended.
 *
 * @module
 */
import { Retry } from '../recovery/retry.ts'
import type { OfferMessage, SignalMessage } from '../signalling/messages.ts'
import { createPeerContext } from './peer-context.ts'
import type { LinkOptions, PeerContext } from './peer-context.ts'
import { ReceiverPeer } from './receiver-peer.ts'
import type { ReceiverPeerOptions } from './receiver-peer.ts'
import type { RemoteTrack } from './receiver-sections.ts'

/** Options of a {@link ReceivingLink}. */
export interface ReceivingLinkOptions extends LinkOptions {
  /** The first connection: its name, which none with this peer had before, and whether it is offered already. */
  readonly first: { readonly name: string; readonly isOffered: boolean }
  readonly trackBegan: (track: RemoteTrack) => void
  readonly trackEnded: (track: RemoteTrack) => void
  /** As in {@link ReceiverPeerOptions}. */
  readonly wishes?: ReceiverPeerOptions['wishes']
  /** The first offer of a connection came. */
  readonly offered?: (offer: OfferMessage) => void
  /** The peer ended the connection; the link asks for another unless it is closed now. */
  readonly disposed: () => void
}

/** Keeps one connection from a peer. Each has its own name, chosen here. spec S15, S22, S23 */
export class ReceivingLink {
  readonly #options: ReceivingLinkOptions
  readonly #context: PeerContext
  readonly #invitation: Retry
  /** Of the connection that this side asks for, or has; none once it has ended for good. */
  #name: string | undefined
  /** The connection, since its first offer or candidate. */
  #current: ReceiverPeer | undefined
  #isOffered = false
  #isClosed = false

  constructor(options: ReceivingLinkOptions) {
    this.#options = options
    this.#context = createPeerContext({
      ...options,
      stateChanged: (state) => {
        if (state === 'connected') this.#invitation.stop()
        options.stateChanged(state)
      },
    })
    this.#invitation = new Retry(this.#context.clock, () => this.invite())
    if (this.#context.lost.has('receive')) return
    const { name, isOffered } = options.first
    this.#name = name
    if (!isOffered) this.invite()
    this.#invitation.start()
  }

  /** The platform's connection, if there is one now. */
  get connection(): RTCPeerConnection | undefined {
    return this.#current?.connection
  }

  /** Asks again at once, if there was no offer yet. */
  invite(): void {
    const connection = this.#name
    if (connection !== undefined && !this.#isOffered) {
      this.#context.send({ type: 'invoke', connection })
    }
  }

  /** Says again what is wanted of the peer's videos. */
  sayWishes(): void {
    this.#current?.sayWishes()
  }

  /** Queues a message of the peer's sending half. */
  receive(message: SignalMessage): void {
    if (!this.#isClosed) this.#context.queue.handle(() => this.#handle(message))
  }

  /** Repeats and repairs: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    if (this.#isOffered) this.#current?.revive(cause)
    else this.invite()
  }

  /** Ends the connection and tells the peer, because nothing that is received can be protected. spec S42 */
  endUnprotected(): void {
    this.#finish()
  }

  /** Ends the connection and tells the peer. */
  close(): void {
    this.#isClosed = true
    this.#context.queue.close()
    this.#finish()
  }

  async #handle(message: SignalMessage): Promise<void> {
    const name = this.#name
    if (name === undefined) return
    switch (message.type) {
      case 'offer':
      case 'candidate':
        if (message.connection !== name) return this.#context.dropped('stale')
        this.#current ??= this.#create(name)
        if (message.type === 'offer') {
          if (!this.#isOffered) this.#options.offered?.(message)
          this.#isOffered = true
          this.#invitation.pause()
        }
        return this.#current.handle(message)
      case 'dispose':
        if (message.connection !== undefined && message.connection !== name) {
          return this.#context.dropped('stale')
        }
        this.#end()
        this.#options.disposed()
        return this.#renew()
      case 'invoke':
      case 'answer':
      case 'sync':
        return this.#context.dropped('unexpected')
    }
  }

  #create(name: string): ReceiverPeer {
    const peer: ReceiverPeer = new ReceiverPeer({
      ...this.#options,
      context: this.#context,
      name,
      broken: () => {
        if (peer !== this.#current) return
        this.#sendDispose(name)
        this.#renew()
      },
    })
    return peer
  }

  #finish(): void {
    const name = this.#name
    this.#invitation.stop()
    this.#end()
    if (name !== undefined) this.#sendDispose(name)
  }

  /** Ends the connection and asks for another, after longer pauses each time until one is connected. */
  #renew(): void {
    if (this.#isClosed || this.#context.lost.has('receive')) return
    // First, so that a handler that closes the link within its end stops this too.
    this.#invitation.resume()
    this.#end(createConnectionName())
  }

  #sendDispose(connection: string): void {
    this.#context.send({ type: 'dispose', connection })
  }

  /** Names the next connection first, so that events raised by the end of this one find it. */
  #end(next?: string): void {
    const current = this.#current
    this.#name = next
    this.#current = undefined
    this.#isOffered = false
    current?.close()
  }
}

/** A name that no connection had before. spec S15 */
export function createConnectionName(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join('.')
}
