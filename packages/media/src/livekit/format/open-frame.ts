/**
 * Opens frames in LiveKit's format. spec M75 to M82
 *
 * @module
 */
import { concatBytes } from '@conclave/base'
import { webCrypto } from '@conclave/crypto'
import { unescapeRbsp } from '../../codec/rbsp.ts'
import type { FrameResult } from '../../worker/pipe-host.ts'
import type { EncodedFrame } from '../../worker/frame-sealer.ts'
import { findLiveKitCodec } from './clear-part.ts'
import type { RingKey } from './key-rings.ts'
import { cipherParameters, IV_BYTES, MIN_SEALED_BYTES, TRAILER_BYTES } from './layout.ts'

/** The keys of the participant that a frame came from, and the time. */
export interface LiveKitSender {
  findKey(index: number): RingKey | undefined
  now(): number
}

/**
 * Opens one frame: one key, the one that it names, and one attempt. Never throws, whatever the bytes, and remembers an IV only if
 * it opened the frame.
 */
export async function openLiveKitFrame(
  frame: EncodedFrame,
  sender: LiveKitSender,
): Promise<FrameResult> {
  const { data } = frame
  if (data.length === 0) return { type: 'empty' }
  const codec = findLiveKitCodec(frame.mimeType)
  if (!codec) return { type: 'dropped', reason: 'unsupported-codec' }
  const length = codec.clearLength(data)
  if (length === undefined) return { type: 'dropped', reason: 'too-short' }
  const clear = data.subarray(0, length)
  const sealed = codec.isNalUnit ? unescapeRbsp(data.subarray(length), 0) : data.subarray(length)
  const trailerAt = (sealed?.length ?? 0) - TRAILER_BYTES
  if (!sealed || sealed.length < MIN_SEALED_BYTES || sealed[trailerAt + IV_BYTES] !== IV_BYTES) {
    return { type: 'dropped', reason: 'malformed' }
  }

  const key = sender.findKey(sealed[trailerAt + IV_BYTES + 1] ?? 0)
  if (!key) return { type: 'dropped', reason: 'missing-key' }
  const iv = sealed.subarray(trailerAt, trailerAt + IV_BYTES)
  if (key.ivs.couldGive(iv) || !key.seen.isFresh(iv, sender.now())) {
    return { type: 'dropped', reason: 'replay', isRepeat: key.seen.isRecent(iv) }
  }
  const plain = await decrypt(key.key, {
    parameters: cipherParameters(iv, clear),
    body: sealed.subarray(0, trailerAt),
  })
  if (!plain) return { type: 'dropped', reason: 'not-authentic', isKeyProven: key.isProven }
  // Another frame with this IV may have been opened meanwhile.
  if (!key.seen.accept(iv, sender.now())) {
    return { type: 'dropped', reason: 'replay', isRepeat: key.seen.isRecent(iv) }
  }
  key.isProven = true
  return { type: 'opened', data: length === 0 ? plain : concatBytes(clear, plain) }
}

async function decrypt(
  key: CryptoKey,
  {
    parameters,
    body,
  }: { readonly parameters: AesGcmParams; readonly body: Uint8Array<ArrayBuffer> },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await webCrypto().decrypt(parameters, key, body))
  } catch {
    return undefined
  }
}
