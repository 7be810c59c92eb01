/**
 * The receiving half of a pair: asks for a connection until it has one, and again when it has none any more.
 *
 * @module
 */
import { encodeBase64Url } from '@conclave/base'
import type { Namespace } from '../signalling/driver.ts'
import { P2pError } from '../errors.ts'
import { Inbox } from '../inbox.ts'
import type { OfferMessage, SignalMessage } from '../signalling/messages.ts'
import type { PeerContext, PeerEnvironment } from './peer-context.ts'
import { ReceiverPeer } from './receiver-peer.ts'
import type { RemoteTrack } from './receiver-peer.ts'
import { Retry } from '../recovery/retry.ts'

/** What a receiving link needs. */
export interface ReceivingLinkOptions {
  readonly environment: PeerEnvironment
  readonly peer: string
  /** Sends to the sending half of the peer. */
  readonly send: (message: SignalMessage) => void
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  readonly trackBegan: (track: RemoteTrack) => void
  readonly trackEnded: (track: RemoteTrack) => void
  /** The first offer of a connection came. */
  readonly offered?: (offer: OfferMessage) => void
  /** The peer ended the connection; another is asked for unless the link is closed now. */
  readonly disposed: () => void
}

/** Keeps one connection from a peer: each has a name of its own, chosen here. spec S15, S22, S23 */
export class ReceivingLink {
  readonly #options: ReceivingLinkOptions
  readonly #context: PeerContext
  readonly #inbox: Inbox
  readonly #invite: Retry
  /** Empty when the peer has ended it and there is no next one yet. */
  #name = createConnectionName()
  #current: ReceiverPeer | undefined
  /** Whether the present connection was offered: then asking for it has an end. */
  #offered = false
  #closed = false

  constructor(options: ReceivingLinkOptions) {
    const { environment, peer, send } = options
    this.#options = options
    this.#context = {
      ...environment,
      peer,
      send,
      stateChanged: (state) => {
        if (state === 'connected') this.#invite.stop()
        options.stateChanged(state)
      },
    }
    this.#inbox = new Inbox((error) =>
      environment.failed(new P2pError('ERR_P2P_NEGOTIATION_FAILED', { peer }, { cause: error })),
    )
    this.#invite = new Retry(environment.clock, () => this.invite())
    this.invite()
    this.#invite.start()
  }

  /** The platform's connection, if there is one now. */
  get connection(): RTCPeerConnection | undefined {
    return this.#current?.connection
  }

  /** Asks again at once, if there was no offer yet. */
  invite(): void {
    if (this.#closed || this.#offered) return
    this.#context.send({ type: 'invoke', id: this.#context.self, connection: this.#name })
  }

  /** Takes a message of the peer's sending half. */
  take(message: SignalMessage): void {
    if (this.#closed) return
    if (!this.#inbox.push(() => this.#handle(message))) this.#context.dropped('overflow')
  }

  /** The device's network changed, or the driver came back. */
  revive(type: 'network' | 'signalling'): void {
    if (this.#offered) this.#current?.revive(type)
    else this.invite()
  }

  /** Ends the connection and says so. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#inbox.close()
    this.#invite.stop()
    this.#sendDispose()
    this.#end()
  }

  async #handle(message: SignalMessage): Promise<void> {
    if (this.#closed) return
    switch (message.type) {
      case 'offer':
        if (message.connection !== this.#name) return this.#context.dropped('stale')
        if (!this.#offered) this.#options.offered?.(message)
        this.#offered = true
        this.#invite.pause()
        this.#current ??= this.#create()
        return this.#current.take(message)
      case 'candidate':
        if (message.connection !== this.#name) return this.#context.dropped('stale')
        this.#current ??= this.#create()
        return this.#current.take(message)
      case 'dispose':
        if (message.connection !== undefined && message.connection !== this.#name) {
          return this.#context.dropped('stale')
        }
        this.#end()
        this.#name = ''
        this.#options.disposed()
        return this.#renew()
      case 'invoke':
      case 'answer':
      case 'sync':
        return this.#context.dropped('unexpected')
    }
  }

  #create(): ReceiverPeer {
    const peer: ReceiverPeer = new ReceiverPeer({
      context: this.#context,
      name: this.#name,
      trackBegan: this.#options.trackBegan,
      trackEnded: this.#options.trackEnded,
      broken: () => {
        if (peer !== this.#current) return
        this.#sendDispose()
        this.#renew()
      },
    })
    return peer
  }

  /** Ends the connection and asks for another, later each time until one is connected. */
  #renew(): void {
    if (this.#closed) return
    this.#end()
    this.#name = createConnectionName()
    this.#offered = false
    this.#invite.resume()
  }

  #sendDispose(): void {
    if (this.#name === '') return
    this.#context.send({ type: 'dispose', id: this.#context.self, connection: this.#name })
  }

  #end(): void {
    const current = this.#current
    this.#current = undefined
    current?.close()
  }
}

/** Where the sending half of a peer listens. */
export function senderNamespace(room: string, peer: string): Namespace {
  return ['sender', room, peer]
}

const createConnectionName = (): string =>
  encodeBase64Url(crypto.getRandomValues(new Uint8Array(12)))
