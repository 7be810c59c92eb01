/**
 * A connection whose every sender and receiver is protected, in the task that makes it. spec M67
 *
 * @module
 */
import type { FrameCrypto } from '../frame-crypto.ts'
import { defaultLabel, kindOf, preferSealedCodecs } from './attachment.ts'
import type { ConnectionAttachment } from './attachment.ts'
import { guardSender } from './guarded-sender.ts'
import type { SenderProtection } from './guarded-sender.ts'

/** The frame encryption, the names of the tracks, and the callbacks. */
export interface AttachedConnectionOptions
  extends ConnectionAttachment, Pick<SenderProtection, 'isLost'> {
  readonly frames: FrameCrypto
  /** Waits for a key where a sender has none yet; rejects with any other error. */
  readonly whenKeyed: (protection: Promise<void>) => Promise<void>
  /** Called with what could not be protected. */
  readonly onError: (error: unknown) => void
}

/** Protects a connection from now on, until it closes. The connection has no track on a sender yet. */
export class AttachedConnection {
  readonly #connection: RTCPeerConnection
  readonly #options: AttachedConnectionOptions
  readonly #senders = new WeakSet<RTCRtpSender>()
  /** The name under which a receiver is protected: a server may give it to another participant. */
  readonly #nameByReceiver = new WeakMap<RTCRtpReceiver, string>()

  constructor(connection: RTCPeerConnection, options: AttachedConnectionOptions) {
    this.#connection = connection
    this.#options = options
    this.#wrap()
    connection.addEventListener('track', (event) => {
      this.#protectSenders()
      this.#protectReceiver(event)
    })
    connection.addEventListener('signalingstatechange', () => this.#protectSenders())
    this.#protectSenders()
  }

  /** A sender is protected before the call that makes it returns. */
  #wrap(): void {
    const connection = this.#connection
    const addTrack = connection.addTrack.bind(connection)
    const addTransceiver = connection.addTransceiver.bind(connection)
    connection.addTrack = (...args) => {
      const sender = addTrack(...args)
      this.#protectSenders()
      return sender
    }
    connection.addTransceiver = (...args) => {
      const transceiver = addTransceiver(...args)
      this.#protectSenders()
      return transceiver
    }
    const setRemoteDescription = connection.setRemoteDescription.bind(connection)
    connection.setRemoteDescription = async (description: RTCSessionDescriptionInit) => {
      await setRemoteDescription(description)
      this.#protectSenders()
    }
  }

  #protectSenders(): void {
    for (const transceiver of this.#connection.getTransceivers()) {
      const { sender } = transceiver
      if (this.#senders.has(sender)) continue
      this.#senders.add(sender)
      const { isLost } = this.#options
      guardSender(sender, { protection: this.#protectSender(transceiver), isLost })
    }
  }

  async #protectSender(transceiver: RTCRtpTransceiver): Promise<void> {
    const { frames, onError, whenKeyed } = this.#options
    try {
      const kind = kindOf(transceiver.receiver.track)
      const label = this.#labelOf(transceiver)
      const place = { peer: this.#peerOf(), connection: this.#connection }
      const protection = frames.protectSender(transceiver.sender, { label, kind }, place)
      preferSealedCodecs(transceiver, frames.codecs)
      await whenKeyed(protection)
    } catch (error) {
      onError(error)
      throw error
    }
  }

  #protectReceiver(event: RTCTrackEvent): void {
    const { frames, onError } = this.#options
    const { receiver, transceiver, track } = event
    try {
      const peer = this.#peerOf(event)
      const label = this.#labelOf(transceiver)
      const name = JSON.stringify([peer, label])
      if (this.#nameByReceiver.get(receiver) === name) return
      this.#nameByReceiver.set(receiver, name)
      const place = { peer, connection: this.#connection }
      frames.protectReceiver(receiver, { label, kind: kindOf(track) }, place).catch(onError)
      preferSealedCodecs(transceiver, frames.codecs)
    } catch (error) {
      track.enabled = false
      onError(error)
    }
  }

  #labelOf(transceiver: RTCRtpTransceiver): string {
    const { label } = this.#options
    return label?.(transceiver) ?? defaultLabel(transceiver.receiver.track.kind)
  }

  /** Of a sender it is for reports only; nobody is the peer of a received track that the application does not know. */
  #peerOf(event?: RTCTrackEvent): string {
    const { peer } = this.#options
    if (typeof peer === 'string') return peer
    return (event && peer(event)) ?? ''
  }
}
