/**
 * LiveKit's format once more, plainly and synchronously on Node's own cryptography, from its description: what our code is compared
 * with, and what writes `spec/vectors/livekit.json`.
 */
import { createCipheriv, hkdfSync, pbkdf2Sync } from 'node:crypto'

/** Everything that determines a sealed frame. */
export interface LiveKitReferenceFrame {
  /** A passphrase, or bytes. */
  readonly material: string | Uint8Array
  readonly salt: string
  readonly keyBits: 128 | 256
  readonly index: number
  readonly iv: Uint8Array
  readonly mimeType: string
  readonly frame: Uint8Array
}

/** The AES key of some material. */
function deriveReference(input: Omit<LiveKitReferenceFrame, 'frame' | 'iv' | 'mimeType'>): Buffer {
  const { material, salt, keyBits } = input
  return typeof material === 'string'
    ? pbkdf2Sync(material, salt, 100_000, keyBits / 8, 'sha256')
    : Buffer.from(hkdfSync('sha256', material, salt, Buffer.alloc(128), keyBits / 8))
}

/** `clear ‖ ciphertext ‖ tag ‖ IV ‖ 12 ‖ index`, all after `clear` escaped in H.264. */
export function sealLiveKitReference(input: LiveKitReferenceFrame): Buffer {
  const { frame, iv, index, keyBits, mimeType } = input
  const split = clearBytes(mimeType, Buffer.from(frame))
  const clear =
    mimeType === 'video/h264'
      ? longStartCodes(Buffer.from(frame.subarray(0, split)))
      : Buffer.from(frame.subarray(0, split))
  const cipher = createCipheriv(`aes-${keyBits}-gcm`, deriveReference(input), iv)
  cipher.setAAD(clear)
  const body = [cipher.update(frame.subarray(split)), cipher.final(), cipher.getAuthTag()]
  const rest = Buffer.concat([...body, iv, Buffer.from([12, index])])
  return Buffer.concat([clear, mimeType === 'video/h264' ? escape(rest) : rest])
}

const clearBytes = (mimeType: string, frame: Buffer): number => {
  if (mimeType === 'audio/opus') return 1
  if (mimeType === 'video/vp8') return ((frame[0] ?? 0) & 1) === 0 ? 10 : 3
  if (mimeType !== 'video/h264') return 0
  for (let at = 0; at + 3 < frame.length; at += 1) {
    const isStart = frame.subarray(at, at + 3).equals(Buffer.from([0, 0, 1]))
    if (isStart && [1, 5].includes((frame[at + 3] ?? 0) & 31)) return at + 5
  }
  throw new Error('no slice')
}

const longStartCodes = (clear: Buffer): Buffer => {
  const bytes: number[] = []
  for (const [at, byte] of clear.entries()) {
    const isStart = byte === 0 && clear[at + 1] === 0 && clear[at + 2] === 1
    if (isStart && clear[at - 1] !== 0) bytes.push(0)
    bytes.push(byte)
  }
  return Buffer.from(bytes)
}

const escape = (rest: Buffer): Buffer => {
  const bytes: number[] = []
  for (const byte of rest) {
    if (byte <= 3 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3)
    bytes.push(byte)
  }
  return Buffer.from(bytes)
}
