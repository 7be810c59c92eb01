/**
 * The targets that a manager attaches to, and those that it refuses. spec M65, M66
 *
 * @module
 */
import { MediaError } from '../../errors.ts'

/** How the tracks of a connection are named in their frames. Both ends must agree on it, by authenticated signalling. */
export interface ConnectionAttachment {
  /** The participant at the other end; of a server's connection, the one whose track an event brings, or `undefined`. */
  readonly peer: string | ((event: RTCTrackEvent) => string | undefined)
  /** The label of a transceiver's track; left out: `microphone` for sound, `camera` for video. */
  readonly label?: ((transceiver: RTCRtpTransceiver) => string) | undefined
}

/** How one track is named in its frames. Both ends must agree on it, by authenticated signalling. */
export interface TrackAttachment {
  readonly connection: RTCPeerConnection
  /** The participant at the other end. */
  readonly peer: string
  /** Left out: `microphone` for sound, `camera` for video. */
  readonly label?: string | undefined
}

/**
 * Checks that nothing of a connection can leave before its transform is set: some engines hold frames back only on a
 * connection that was made with `encodedInsertableStreams`. spec M66
 *
 * @throws MediaError `ERR_MEDIA_CONNECTION`
 */
export function requireHeldConnection(connection: RTCPeerConnection): void {
  const configuration: RTCConfiguration & { readonly encodedInsertableStreams?: boolean } =
    connection.getConfiguration()
  const mustHold = 'createEncodedStreams' in RTCRtpSender.prototype
  if (configuration.encodedInsertableStreams === true || !mustHold) return
  throw refused(
    'no-encoded-streams',
    "make the connection with the manager's connectionConfig: without encodedInsertableStreams this browser may send " +
      'frames in clear, without an error',
  )
}

/** Checks that no track is on the senders: its frames may have left. spec M66 @throws MediaError `ERR_MEDIA_CONNECTION` */
export function requireNoTrack(senders: readonly RTCRtpSender[]): void {
  if (senders.every(({ track }) => track === null)) return
  throw refused(
    'has-track',
    'attach before a track is on a sender: frames of it may have left in clear; take it off, make a new connection',
  )
}

/** The label of a track that the application gave none. */
export function defaultLabel(kind: string): string {
  return kind === 'audio' ? 'microphone' : 'camera'
}

/** Limits a transceiver to codecs that can be sealed; frames of others would be dropped. Does nothing where there are none. */
export function preferSealedCodecs(
  transceiver: RTCRtpTransceiver,
  codecs: { readonly audio: readonly string[]; readonly video: readonly string[] },
): void {
  const kind = kindOf(transceiver.receiver.track)
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []
  const isSealed = (mimeType: string): boolean => codecs[kind].includes(mimeType.toLowerCase())
  if (!known.some(({ mimeType }) => isSealed(mimeType))) return
  transceiver.setCodecPreferences(
    known.filter(({ mimeType }) => isSealed(mimeType) || /\/rtx$/i.test(mimeType)),
  )
}

/** The kind of a track, as frames name it. */
export function kindOf(track: { readonly kind: string }): 'audio' | 'video' {
  return track.kind === 'audio' ? 'audio' : 'video'
}

const refused = (
  reason: 'no-encoded-streams' | 'has-track',
  advice: string,
): MediaError<'ERR_MEDIA_CONNECTION'> =>
  new MediaError(
    'ERR_MEDIA_CONNECTION',
    { reason },
    { message: `the connection is not protected: ${advice}` },
  )
