/**
 * The codecs that may be negotiated in LiveKit's format: the page's side of them. spec M77
 *
 * @module
 */

/** Lower-case mime types, in the order of preference. */
export const LIVEKIT_CODECS: {
  readonly audio: readonly string[]
  readonly video: readonly string[]
} = { audio: ['audio/opus'], video: ['video/vp8', 'video/vp9', 'video/h264'] }
