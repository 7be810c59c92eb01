/**
 * From what the network delivered to what may reach a decoder (spec M1 to M13). Bytes in, bytes or a reason
 * out; nothing that does not authenticate comes out.
 *
 * @module
 */
import { concatBytes } from '../bytes.ts'
import { findCodecProfile } from '../codec/profile.ts'
import { encodeTrackLabel } from '../shared/track-label.ts'
import { frameAad } from './additional-data.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import { isKid } from '../shared/kid.ts'
import type { DropReason } from '../shared/frame-counters.ts'
import type { ReceiverKey } from './receiver-keys.ts'
import { COUNTER_LIMIT } from './sender-key.ts'
import { decodeSFrameHeader } from '../sframe/header.ts'

/** What to play: the opened frame, an empty frame, or nothing. */
export type OpenedFrame =
  | { readonly type: 'opened'; readonly data: Uint8Array<ArrayBuffer>; readonly kid: bigint }
  | { readonly type: 'empty' }
  /** Well formed, but there is no key for its KID: resolve it, or drop the frame as `missing-key`. */
  | { readonly type: 'key-needed'; readonly kid: bigint }
  | {
      readonly type: 'dropped'
      readonly reason: Exclude<DropReason, 'missing-key'>
      /** For `not-authentic`: whether the key named by the frame has opened others. */
      readonly isKeyProven?: boolean
    }

/** The track a frame came on: its authenticated label, and the keys of the participant it belongs to. */
export interface ReceivingTrack {
  readonly label: string
  findKey(kid: bigint): ReceiverKey | undefined
}

/** Opens one frame. Never throws for any bytes, and never alters a replay window unless it opened. */
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
  const aad = frameAad({ header, prefix, label: encodeTrackLabel(track.label) })
  const plain = await key.cipher.decrypt({ ctr, aad }, data.subarray(bodyAt))
  if (!plain) return { type: 'dropped', reason: 'not-authentic', isKeyProven: key.isProven }
  if (!key.commit(track.label, Number(ctr))) return { type: 'dropped', reason: 'replay' }
  return { type: 'opened', kid, data: prefixLength === 0 ? plain : concatBytes([prefix, plain]) }
}
