/**
 * Opens frames: turns the bytes from the network into those that may reach a decoder. spec M1 to M13
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import { findCodecProfile } from '../codec/profile.ts'
import { decodeSFrameHeader } from '../sframe/header.ts'
import type { FrameDropReason } from '../shared/frame-counters.ts'
import { isKid } from '../shared/kid.ts'
import { frameAdditionalData } from './additional-data.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import type { ReceiverKey } from './receiver-keys.ts'
import { COUNTER_LIMIT } from './sender-key.ts'

/** The result of opening a frame: the frame to play, an empty frame, or a reason to play nothing. */
export type OpenedFrame =
  | { readonly type: 'opened'; readonly data: Uint8Array<ArrayBuffer>; readonly key: ReceiverKey }
  | { readonly type: 'empty' }
  /** Well formed, but there is no key for its KID: resolve it, or drop the frame as `missing-key`. */
  | { readonly type: 'key-needed'; readonly kid: bigint }
  | {
      readonly type: 'dropped'
      readonly reason: Exclude<FrameDropReason, 'missing-key'>
      /** For `not-authentic`: whether the key named by the frame has opened others. */
      readonly isKeyProven?: boolean
    }

/** The track a frame came on, and the keys of its participant. */
export interface ReceivingTrack {
  readonly label: string
  /** {@link ReceivingTrack.label} as `encodeTrackLabel` writes it, once for all frames. */
  readonly encodedLabel: Uint8Array
  findKey(kid: bigint): ReceiverKey | undefined
}

/** Opens one frame. Never throws, whatever the bytes, and changes a replay window only if it opened the frame. */
export async function openFrame(frame: EncodedFrame, track: ReceivingTrack): Promise<OpenedFrame> {
  const { data } = frame
  if (data.length === 0) return { type: 'empty' }
  const profile = findCodecProfile(frame.mimeType)
  if (!profile) return { type: 'dropped', reason: 'unsupported-codec' }
  const prefixLength = profile.prefixLength(data)
  if (prefixLength === undefined) return { type: 'dropped', reason: 'too-short' }

  const prefix = data.subarray(0, prefixLength)
  const decoded = decodeSFrameHeader(data.subarray(prefixLength))
  if (!decoded || !isKid(decoded.kid) || decoded.ctr >= COUNTER_LIMIT) {
    return { type: 'dropped', reason: 'malformed' }
  }
  const { kid, ctr } = decoded
  const key = track.findKey(kid)
  if (!key) return { type: 'key-needed', kid }
  if (!key.isFresh(track.label, Number(ctr))) return { type: 'dropped', reason: 'replay' }

  const bodyAt = prefixLength + decoded.length
  const header = data.subarray(prefixLength, bodyAt)
  const aad = frameAdditionalData({ header, prefix, label: track.encodedLabel })
  const plain = await key.cipher.decrypt({ ctr, aad }, data.subarray(bodyAt))
  if (!plain) return { type: 'dropped', reason: 'not-authentic', isKeyProven: key.isProven }
  // Another frame with this counter may have been opened meanwhile.
  if (!key.accept(track.label, Number(ctr))) return { type: 'dropped', reason: 'replay' }
  return { type: 'opened', key, data: prefixLength === 0 ? plain : concatBytes(prefix, plain) }
}
