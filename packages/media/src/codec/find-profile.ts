/**
 * The codecs that can be sealed. spec M6
 *
 * @module
 */
import { AV1 } from './av1.ts'
import { OPUS, VP8, VP9 } from './clear-prefix.ts'
import { H264 } from './h264.ts'
import type { CodecProfile } from './profile.ts'

/**
 * The profile for a mime type in any case; `undefined` for a codec that cannot be sealed. You must drop
 * the frame then: another codec's profile would leave the wrong bytes clear.
 */
export function findCodecProfile(mimeType: string | undefined): CodecProfile | undefined {
  return mimeType === undefined ? undefined : PROFILE_BY_MIME_TYPE.get(mimeType.toLowerCase())
}

const PROFILE_BY_MIME_TYPE: ReadonlyMap<string, CodecProfile> = new Map(
  [OPUS, VP8, VP9, AV1, H264].map((profile) => [profile.mimeType, profile]),
)
