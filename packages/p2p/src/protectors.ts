/**
 * What this package needs of cryptography, and all that it knows about it: two interfaces, made elsewhere.
 *
 * @module
 */

/** Which track a frame protector is asked about; the label is authenticated with each frame. */
export interface ProtectedTrack {
  /** The track's label in authenticated signalling: `microphone`, `camera`, `screen`, `screen-audio` ... */
  readonly label: string
  /** What the frames are. */
  readonly kind: 'audio' | 'video'
}

/** Whose connection it is about. */
export interface ProtectionContext {
  /** The id of the other side. */
  readonly peer: string
  /** The connection which the sender or receiver belongs to. */
  readonly connection: RTCPeerConnection
}

/** Encrypts the frames of senders and opens those of receivers. */
export interface FrameProtector {
  /** Spread into the configuration of every connection, from its start. */
  readonly connectionConfig: { readonly encodedInsertableStreams: true }
  /** The codecs that may be negotiated, as MIME types in lower case; all others are removed. */
  readonly codecs: { readonly audio: readonly string[]; readonly video: readonly string[] }
  /**
   * Sets the sender's transform before it returns. Resolves when the worker has acknowledged it and has its
   * key; until then, and if it rejects, no track is given to the sender. spec S24
   */
  protectSender(
    sender: RTCRtpSender,
    track: ProtectedTrack,
    context: ProtectionContext,
  ): Promise<void>
  /** Sets the receiver's transform before it returns; called in the task of the `track` event. spec S26 */
  protectReceiver(
    receiver: RTCRtpReceiver,
    track: ProtectedTrack,
    context: ProtectionContext,
  ): Promise<void>
  /** What offers carry so that receivers can prepare keys: opaque here, at most 1024 characters. */
  describe(): Promise<string>
  /** Takes what {@link FrameProtector.describe} of `peer` gave. Rejections are reported, and change nothing. */
  prepare(peer: string, description: string): Promise<void>
  /** Forgets everything about a connection, after it was closed. */
  release(connection: RTCPeerConnection): void
}

/** What is authenticated with a sealed signalling message, besides its body. spec S4 */
export interface SignalContext {
  /** The message's type. */
  readonly type: string
  /** For whom in the negotiation it is: the side that sends media, or the side that receives it. */
  readonly direction: 'to-sender' | 'to-receiver'
  /** Who sent the message. */
  readonly sender: string
  /** To whom: an id, or the empty string for everyone in the room. */
  readonly receiver: string
  /** The room. */
  readonly room: string
  /** Grows strictly from message to message of one sender, direction and receiver. */
  readonly sequence: number
}

/** Seals and opens the bytes of signalling messages. */
export interface PayloadProtector {
  /** Encrypts `body` and authenticates it with the whole context. */
  seal(context: SignalContext, body: Uint8Array): Promise<Uint8Array>
  /** The body, or `undefined`, not a rejection, when it does not authenticate under exactly this context. */
  open(context: SignalContext, bytes: Uint8Array): Promise<Uint8Array | undefined>
}
