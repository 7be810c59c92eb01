/**
 * Seals frames in LiveKit's format. spec M75 to M80
 *
 * @module
 */
import { webCrypto } from '@conclave/crypto'
import { escapeRbsp } from '../../codec/rbsp.ts'
import type { EncodedFrame, SealedFrame } from '../../worker/frame-sealer.ts'
import { findLiveKitCodec, lengthenStartCodes } from './clear-part.ts'
import type { RingKey } from './key-rings.ts'
import { cipherParameters, IV_BYTES, TRAILER_BYTES } from './layout.ts'

/**
 * Seals one frame with the key at `index` of the ring. Never throws for a frame; without a key the frame is dropped. Takes the
 * IV before it awaits anything, so calls may overlap.
 */
export async function sealLiveKitFrame(
  frame: EncodedFrame,
  sealing: { readonly index: number; readonly key: RingKey } | undefined,
): Promise<SealedFrame> {
  const { data } = frame
  if (data.length === 0) return { type: 'empty' }
  if (!sealing) return { type: 'dropped', reason: 'missing-key' }
  const codec = findLiveKitCodec(frame.mimeType)
  if (!codec) return { type: 'dropped', reason: 'unsupported-codec' }
  const length = codec.clearLength(data)
  if (length === undefined) return { type: 'dropped', reason: 'too-short' }

  const plain = data.subarray(length)
  const head = data.subarray(0, length)
  const clear = codec.isNalUnit ? lengthenStartCodes(head) : head
  for (;;) {
    const iv = sealing.key.ivs.next()
    if (!iv) return { type: 'dropped', reason: 'counter-exhausted' }
    const body = await webCrypto().encrypt(cipherParameters(iv, clear), sealing.key.key, plain)
    const sealed = assemble({ clear, body: new Uint8Array(body), iv, index: sealing.index })
    if (!codec.isNalUnit) return { type: 'sealed', data: sealed }
    // Readers count zeros from the sealed part on, the packetizer from the clear one: with another IV both agree.
    if (clear.at(-1) === 0 && looksEscapable(sealed, clear.length)) continue
    return { type: 'sealed', data: escapeRbsp(sealed, clear.length) }
  }
}

/** Whether the bytes at `at` would need an escape if a zero stood before them. */
const looksEscapable = (sealed: Uint8Array, at: number): boolean =>
  sealed[at] === 0 && (sealed[at + 1] ?? 0) <= 3

function assemble(parts: {
  readonly clear: Uint8Array
  readonly body: Uint8Array
  readonly iv: Uint8Array
  readonly index: number
}): Uint8Array<ArrayBuffer> {
  const { clear, body, iv, index } = parts
  const ivAt = clear.length + body.length
  const sealed = new Uint8Array(ivAt + TRAILER_BYTES)
  sealed.set(clear)
  sealed.set(body, clear.length)
  sealed.set(iv, ivAt)
  sealed[ivAt + IV_BYTES] = IV_BYTES
  sealed[ivAt + IV_BYTES + 1] = index
  return sealed
}
