/**
 * Opens frames: turns the bytes from the network into those that may reach a decoder. spec M1 to M13
 *
 * @module
 */
import { findCodecProfile } from '../codec/find-profile.ts'
import { decodeSFrameHeader } from '../sframe/header.ts'
import type { FrameDropReason } from '../shared/frame-counters.ts'
import { isKid } from '../shared/kid.ts'
import { frameAdditionalData, SIGNED } from './additional-data.ts'
import type { EncodedFrame } from './frame-sealer.ts'
import type { ReceiverKey } from './receiver-keys.ts'
import { COUNTER_LIMIT } from './sender-key.ts'
import type { BatchReader } from './signing/batch-reader.ts'
import { splitExtendedFrame } from './signing/extension.ts'

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
      /** For `replay`: the frame was accepted a moment ago. */
      readonly isRepeat?: boolean
    }

/** The track a frame came on, and the keys of its participant. */
export interface ReceivingTrack {
  readonly label: string
  /** {@link ReceivingTrack.label} as `encodeTrackLabel` writes it, once for all frames. */
  readonly encodedLabel: Uint8Array
  /** Memory for the additional data. */
  readonly scratch?: Uint8Array<ArrayBuffer>
  /** Verifies frames under the keys of those who sign; without it none of them opens. spec M93 */
  readonly batches?: (() => BatchReader) | undefined
  findKey(kid: bigint): ReceiverKey | undefined
}

/**
 * Opens one frame. Never throws, whatever the bytes, and changes a replay window only if it opened the frame. After `not-signed` the
 * track must stop. spec M95
 */
export async function openFrame(frame: EncodedFrame, track: ReceivingTrack): Promise<OpenedFrame> {
  const { data } = frame
  if (data.length === 0) return { type: 'empty' }
  const profile = findCodecProfile(frame.mimeType)
  if (!profile) return { type: 'dropped', reason: 'unsupported-codec' }
  const parts = profile.unwrap(data)
  if (typeof parts === 'string') return { type: 'dropped', reason: parts }

  const { clear, rest } = parts
  const decoded = decodeSFrameHeader(rest)
  if (!decoded || !isKid(decoded.kid) || decoded.ctr >= COUNTER_LIMIT) {
    return { type: 'dropped', reason: 'malformed' }
  }
  const { kid, ctr } = decoded
  const key = track.findKey(kid)
  if (!key) return { type: 'key-needed', kid }
  const counter = Number(ctr)
  if (!key.isFresh(track.label, counter)) {
    return { type: 'dropped', reason: 'replay', isRepeat: key.isRecent(track.label, counter) }
  }

  const header = rest.subarray(0, decoded.length)
  const { encodedLabel: label, scratch } = track
  const codec = key.isSigned ? profile.id | SIGNED : profile.id
  const aad = frameAdditionalData({ header, clear, label, codec }, scratch)
  const plain = await key.cipher.decrypt({ ctr, aad }, rest.subarray(decoded.length))
  if (!plain) return { type: 'dropped', reason: 'not-authentic', isKeyProven: key.isProven }
  // Another frame with this counter may have been opened meanwhile.
  if (!key.accept(track.label, counter)) {
    return { type: 'dropped', reason: 'replay', isRepeat: key.isRecent(track.label, counter) }
  }
  const bytes = new Uint8Array(plain)
  if (!key.isSigned) return { type: 'opened', key, data: profile.restore(clear, bytes) }
  const { rest: own, items } = splitExtendedFrame(bytes)
  const signed = { kid, counter, rest: own, additionalData: aad, items }
  if ((await track.batches?.().accepts(signed)) !== true)
    return { type: 'dropped', reason: 'not-signed' }
  return { type: 'opened', key, data: profile.restore(clear, own) }
}
