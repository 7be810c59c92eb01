/**
 * The frame format once more, plainly and synchronously on Node's own cryptography: what the real code is
 * compared with, and what writes `spec/vectors/sframe.json`.
 */
import { createCipheriv, hkdfSync } from 'node:crypto'

/** Everything that determines a sealed frame. */
export interface ReferenceFrame {
  readonly suite: 4 | 5
  readonly baseKey: Uint8Array
  readonly kid: bigint
  readonly counter: number
  readonly label: string
  readonly mimeType: string
  readonly frame: Uint8Array
}

/** `prefix ‖ header ‖ ciphertext ‖ tag` as spec M1 to M5 say. */
export function sealReference(input: ReferenceFrame): Buffer {
  const { frame, suite, kid, counter, label } = input
  const split = input.mimeType === 'video/vp8' ? (((frame[0] ?? 0) & 1) === 0 ? 10 : 1) : 0
  const prefix = frame.subarray(0, split)
  const header = headerReference(kid, BigInt(counter))
  const [hash, name, keyBytes] =
    suite === 4
      ? (['sha256', 'aes-128-gcm', 16] as const)
      : (['sha512', 'aes-256-gcm', 32] as const)
  const derive = (part: string, length: number): Buffer => {
    const info = Buffer.concat([
      Buffer.from(`SFrame 1.0 Secret ${part} `),
      Buffer.from(kid.toString(16).padStart(16, '0'), 'hex'),
      Buffer.from([0, suite]),
    ])
    return Buffer.from(hkdfSync(hash, input.baseKey, '', info, length))
  }
  const nonce = derive('salt', 12)
  for (let rest = counter, i = 11; rest > 0; rest = Math.floor(rest / 256), i -= 1) {
    nonce[i] = (nonce[i] ?? 0) ^ (rest % 256)
  }
  const cipher = createCipheriv(name, derive('key', keyBytes), nonce)
  cipher.setAAD(Buffer.concat([header, prefix, Buffer.from(label), Buffer.from([prefix.length])]))
  const body = [cipher.update(frame.subarray(split)), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([prefix, header, ...body])
}

const headerReference = (kid: bigint, ctr: bigint): Buffer => {
  const field = (value: bigint): { readonly nibble: number; readonly bytes: Buffer } => {
    if (value < 8n) return { nibble: Number(value), bytes: Buffer.alloc(0) }
    const digits = value.toString(16)
    const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
    return { nibble: 8 + bytes.length - 1, bytes }
  }
  const k = field(kid)
  const c = field(ctr)
  return Buffer.concat([Buffer.from([k.nibble * 16 + c.nibble]), k.bytes, c.bytes])
}
