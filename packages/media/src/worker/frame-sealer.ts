/**
 * Seals frames: turns an encoder's frame into one that may leave the device. spec M1 to M10
 *
 * @module
 */
import { findCodecProfile } from '../codec/find-profile.ts'
import type { SealingChoices } from '../codec/profile.ts'
import { frameAdditionalData, SIGNED } from './additional-data.ts'
import type { FrameDropReason } from '../shared/frame-counters.ts'
import type { BatchWriter, FrameLayer } from './signing/batch-writer.ts'
import type { CertifiedSigner } from './signing/media-signer.ts'
import type { SenderKey } from './sender-key.ts'
import { encodeSFrameHeader } from '../sframe/header.ts'

/** A frame on its way in or out of the cipher. */
export interface EncodedFrame {
  readonly data: Uint8Array<ArrayBuffer>
  /** From the frame's metadata or the negotiation; `undefined` if neither names one codec. */
  readonly mimeType: string | undefined
  /** Of a sender's video: whether the encoder says that it is no key frame. */
  readonly isDelta?: boolean
  /** Of a sender's video. */
  readonly layer?: FrameLayer | undefined
}

/** Signs the frames of a track. spec M89 */
export interface FrameSigning {
  readonly writer: BatchWriter
  /** Without one nothing is sealed. */
  readonly signer: CertifiedSigner | undefined
}

/** The result of sealing a frame: the frame to send, an empty frame, or a reason to send nothing. */
export type SealedFrame =
  | { readonly type: 'sealed'; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly type: 'empty' }
  | { readonly type: 'dropped'; readonly reason: FrameDropReason }

/**
 * Seals one frame of the track whose encoded label is `label`. Never throws for a frame; without a key the frame is
 * dropped. Takes the counter before it awaits anything, so calls may overlap, unless they sign.
 */
export async function sealFrame(
  frame: EncodedFrame,
  sender: {
    readonly key: SenderKey | undefined
    readonly label: Uint8Array
    readonly choices?: SealingChoices
    readonly signing?: FrameSigning | undefined
    /** Memory for the additional data. */
    readonly scratch?: Uint8Array<ArrayBuffer>
  },
): Promise<SealedFrame> {
  const { data } = frame
  if (data.length === 0) return { type: 'empty' }
  const { key, signing } = sender
  if (!key || (signing && !signing.signer)) return { type: 'dropped', reason: 'missing-key' }
  const profile = findCodecProfile(frame.mimeType)
  if (!profile) return { type: 'dropped', reason: 'unsupported-codec' }
  const parts = profile.split(data, sender.choices ?? {})
  if (typeof parts === 'string') return { type: 'dropped', reason: parts }
  const counter = key.nextCounter()
  if (counter === undefined) return { type: 'dropped', reason: 'counter-exhausted' }

  const ctr = BigInt(counter)
  const { clear, rest } = parts
  const header = encodeSFrameHeader(key.kid, ctr)
  const { label, scratch } = sender
  const codec = signing ? profile.id | SIGNED : profile.id
  const aad = frameAdditionalData({ header, clear, label, codec }, scratch)
  const plain = signing?.signer
    ? await signing.writer.extend(
        { kid: key.kid, counter, rest, additionalData: aad, layer: frame.layer },
        signing.signer,
      )
    : rest
  const body = await key.cipher.encrypt({ ctr, aad }, plain)
  return { type: 'sealed', data: profile.wrap(clear, header, new Uint8Array(body)) }
}
