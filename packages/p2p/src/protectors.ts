/**
 * The cryptography of frames and data that this package needs, as interfaces that it owns and never implements.
 *
 * @module
 */

/** The track that a frame protector protects; its label is authenticated with each frame. */
export interface ProtectedTrack {
  /** The track's label in authenticated signalling: `microphone`, `camera`, `screen`, `screen-audio` ... */
  readonly label: string
  /** The kind of its frames. */
  readonly kind: 'audio' | 'video'
}

/** The connection that a protected sender or receiver belongs to. */
export interface ProtectedConnection {
  /** The id of the other side. */
  readonly peer: string
  /** The platform's connection. */
  readonly connection: RTCPeerConnection
}

/** Encrypts the frames of senders and decrypts those of receivers. */
export interface FrameProtector {
  /** Spread into the configuration of every connection, from its start. */
  readonly connectionConfig: { readonly encodedInsertableStreams?: true }
  /** The codecs that may be negotiated, as MIME types in lower case; all others are removed. */
  readonly codecs: { readonly audio: readonly string[]; readonly video: readonly string[] }
  /**
   * Begins what takes a while, such as a worker, before there is a connection. Called when this side listens to its peers; does not throw: the
   * first connection fails with what failed here. Left out: it begins with the first connection. spec S129
   */
  start?(): void
  /**
   * Sets the sender's transform before it returns. Resolves when the worker has acknowledged it and has its
   * key; until then, and if it rejects, no track is given to the sender. spec S24
   */
  protectSender(
    sender: RTCRtpSender,
    track: ProtectedTrack,
    connection: ProtectedConnection,
  ): Promise<void>
  /** Sets the receiver's transform before it returns; called in the task of the `track` event. spec S26 */
  protectReceiver(
    receiver: RTCRtpReceiver,
    track: ProtectedTrack,
    connection: ProtectedConnection,
  ): Promise<void>
  /** The text that offers carry so that receivers can prepare keys: opaque here, at most 1024 characters. */
  describe(): Promise<string>
  /** Prepares for the keys that {@link FrameProtector.describe} of `peer` named. A rejection is reported and changes nothing. */
  prepare(peer: string, description: string): Promise<void>
  /** Forgets everything about a connection that was closed. */
  release(connection: RTCPeerConnection): void
  /**
   * Calls `lost` once for each direction whose frames are no longer protected, also later and at once if that is so already. From
   * then on nothing of this direction is attached, and its connections are closed. A protector that can lose
   * its protection must have it. spec S42
   */
  onLost?(lost: (direction: MediaDirection) => void): () => void
}

/** The place of sealed data. All of it, and this side's own id, must authenticate. spec S91 */
export interface ProtectedData {
  /** The id of the other side. */
  readonly peer: string
  /** The name of the connection: another one each time. */
  readonly connection: string
  /** The number of the data channel in it: 0 or 1. */
  readonly number: number
}

/** Seals what is sent to a peer as data, and opens what a peer sent. */
export interface DataProtector {
  /** Seals bytes for a peer, which nobody changes afterwards, and adds at most 128 to them. A rejection ends the connection. spec S94 */
  seal(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array>
  /**
   * Opens bytes that `peer` sealed for this side, in this connection and channel; `undefined` for any others. It need not remember
   * which were opened before.
   */
  open(place: ProtectedData, bytes: Uint8Array): Promise<Uint8Array | undefined>
}

/** A direction of media, as this side sees it. */
export type MediaDirection = 'send' | 'receive'
