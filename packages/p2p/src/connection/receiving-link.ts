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

type LinkState =
  /** A connection was asked for by its name; `current` exists once a candidate came. */
  | {
      readonly state: 'inviting'
      readonly name: string
      readonly current: ReceiverPeer | undefined
    }
  /** The peer has offered it, which ends the asking. */
  | { readonly state: 'offered'; readonly name: string; readonly current: ReceiverPeer }
  /** The peer has ended it, and the next one has no name yet; or nothing that is received can be protected. */
  | { readonly state: 'disposed' }
  | { readonly state: 'closed' }

/** Keeps one connection from a peer. Each has its own name, chosen here. spec S15, S22, S23 */
export class ReceivingLink {
  readonly #options: ReceivingLinkOptions
  readonly #context: PeerContext
  readonly #invitation: Retry
  #state: LinkState = { state: 'disposed' }

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
    this.#state = { state: 'inviting', name, current: undefined }
    if (!isOffered) this.invite()
    this.#invitation.start()
  }

  /** The platform's connection, if there is one now. */
  get connection(): RTCPeerConnection | undefined {
    return 'current' in this.#state ? this.#state.current?.connection : undefined
  }

  /** Asks again at once, if there was no offer yet. */
  invite(): void {
    if (this.#state.state !== 'inviting') return
    const { name: connection } = this.#state
    this.#context.send({ type: 'invoke', connection })
  }

  /** Says again what is wanted of the peer's videos. */
  sayWishes(): void {
    if (this.#state.state === 'offered') this.#state.current.sayWishes()
  }

  /** Queues a message of the peer's sending half. */
  receive(message: SignalMessage): void {
    if (this.#state.state !== 'closed') this.#context.queue.handle(() => this.#handle(message))
  }

  /** Repeats and repairs: the device's network changed, or the driver came back. */
  revive(cause: 'network' | 'signalling'): void {
    if (this.#state.state === 'offered') this.#state.current.revive(cause)
    else this.invite()
  }

  /** Ends the connection and tells the peer, because nothing that is received can be protected. spec S42 */
  endUnprotected(): void {
    this.#finish('disposed')
  }

  /** Ends the connection and tells the peer. */
  close(): void {
    this.#context.queue.close()
    this.#finish('closed')
  }

  async #handle(message: SignalMessage): Promise<void> {
    const present = this.#state
    if (!('name' in present)) return
    switch (message.type) {
      case 'offer':
      case 'candidate': {
        const { name } = present
        if (message.connection !== name) return this.#context.dropped('stale')
        const current = present.current ?? this.#create(name)
        if (message.type === 'offer') {
          if (present.state === 'inviting') this.#options.offered?.(message)
          this.#invitation.pause()
          this.#state = { state: 'offered', name, current }
        } else {
          this.#state = { ...present, current }
        }
        return current.handle(message)
      }
      case 'dispose':
        if (message.connection !== undefined && message.connection !== present.name) {
          return this.#context.dropped('stale')
        }
        this.#end({ state: 'disposed' })
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
        if (!('current' in this.#state) || peer !== this.#state.current) return
        this.#sendDispose(this.#state.name)
        this.#renew()
      },
    })
    return peer
  }

  #finish(state: 'disposed' | 'closed'): void {
    const present = this.#state
    if (present.state === 'closed') return
    this.#invitation.stop()
    this.#end({ state })
    if ('name' in present) this.#sendDispose(present.name)
  }

  /** Ends the connection and asks for another, after longer pauses each time until one is connected. */
  #renew(): void {
    if (this.#state.state === 'closed' || this.#context.lost.has('receive')) return
    // First, so that a handler that closes the link within its end stops this too.
    this.#invitation.resume()
    this.#end({ state: 'inviting', name: createConnectionName(), current: undefined })
  }

  #sendDispose(connection: string): void {
    this.#context.send({ type: 'dispose', connection })
  }

  /** Replaces the state first, so that events raised by the connection's end find the next one. */
  #end(next: LinkState): void {
    const present = this.#state
    this.#state = next
    if ('current' in present) present.current?.close()
  }
}

/** A name that no connection had before. spec S15 */
export function createConnectionName(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join('.')
}
