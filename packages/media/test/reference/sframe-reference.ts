/**
 * The frame format once more, plainly and synchronously on Node's own cryptography: what the real code is
 * compared with, and what writes `spec/vectors/sframe.json`.
 */
import { createCipheriv, createHash, hkdfSync } from 'node:crypto'

/** Everything that determines a sealed frame. */
export interface ReferenceFrame {
  readonly suite: 4 | 5
  readonly baseKey: Uint8Array
  readonly kid: bigint
  readonly counter: number
  readonly label: string
  readonly mimeType: string
  readonly frame: Uint8Array
  /** VP9 only. */
  readonly hasClearVp9Byte?: boolean
  /** Of a sender that signs its media: the items that the frame carries. */
  readonly extension?: Uint8Array
}

/** A sealed frame as spec M1 to M5, M45 to M48 and M89 say. */
export function sealReference(input: ReferenceFrame): Buffer {
  const { suite, kid, counter } = input
  const { clear, secret } = splitReference(input)
  const { extension } = input
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
  cipher.setAAD(additionalReference(input))
  const extended = extension
    ? Buffer.concat([
        secret,
        extension,
        Buffer.from([extension.length >> 8, extension.length % 256]),
      ])
    : secret
  const body = [cipher.update(extended), cipher.final(), cipher.getAuthTag()]
  const sealed = Buffer.concat([header, ...body])
  return input.mimeType === 'video/h264'
    ? escapeReference(clear, sealed)
    : Buffer.concat([clear, sealed])
}

/** The digest of a frame in a batch. spec M90 */
export function digestReference(input: ReferenceFrame): Buffer {
  const { secret } = splitReference(input)
  const hash = createHash('sha256').update(secret).update(additionalReference(input)).digest()
  return hash.subarray(0, 10)
}

const additionalReference = (input: ReferenceFrame): Buffer => {
  const { clear } = splitReference(input)
  const length =
    clear.length < 255 ? [clear.length] : [...Buffer.from(hex8(clear.length), 'hex'), 255]
  const codec = ['', 'audio/opus', 'video/vp8', 'video/vp9', 'video/av1', 'video/h264'].indexOf(
    input.mimeType,
  )
  const sort = input.extension ? codec + 128 : codec
  const header = headerReference(input.kid, BigInt(input.counter))
  return Buffer.concat([header, clear, Buffer.from(input.label), Buffer.from([sort, ...length])])
}

/** The frame that a decoder gets: as the encoder made it, but for start codes of H.264. */
export function restoreReference(input: ReferenceFrame): Buffer {
  const { clear, secret, restored } = splitReference(input)
  if (restored !== undefined) return restored
  return input.mimeType === 'video/av1' ? secret : Buffer.concat([clear, secret])
}

const hex8 = (value: number): string => value.toString(16).padStart(8, '0')

interface Split {
  /** The clear part, and the bytes to encrypt. */
  readonly clear: Buffer
  readonly secret: Buffer
  /** The frame for the decoder, where it is another one than both together. */
  readonly restored?: Buffer
}

const splitReference = ({ mimeType, frame, hasClearVp9Byte = false }: ReferenceFrame): Split => {
  const bytes = Buffer.from(frame)
  const at = (clear: number): Split => ({
    clear: bytes.subarray(0, clear),
    secret: bytes.subarray(clear),
  })
  const first = bytes[0] ?? 0
  if (mimeType === 'video/vp8') return at(first % 2 === 0 ? 10 : 1)
  if (mimeType === 'video/vp9') return at(hasClearVp9Byte && first >> 6 === 2 ? 1 : 0)
  if (mimeType === 'video/av1') {
    const clear = Buffer.from(obuTypes(bytes).includes(1) ? '0a01003000' : '3020', 'hex')
    return { clear, secret: bytes }
  }
  if (mimeType !== 'video/h264') return at(0)
  return splitH264(bytes)
}

/** The types of the OBUs of a frame, up to its first picture. */
const obuTypes = (frame: Buffer): number[] => {
  const types: number[] = []
  for (let at = 0; at < frame.length;) {
    const header = frame[at] ?? 0
    const type = Math.floor(header / 8) % 16
    types.push(type)
    if (type === 3 || type === 6) break
    at += header % 8 >= 4 ? 2 : 1
    if (header % 4 < 2) break
    let size = 0
    for (let digit = 0; ; digit += 1) {
      const byte = frame[at] ?? 0
      at += 1
      size += (byte % 128) * 128 ** digit
      if (byte < 128) break
    }
    at += size
  }
  return types
}

const splitH264 = (frame: Buffer): Split => {
  // Of text, to be another way than that of the code: a pair of digits for each byte.
  const digits = frame.toString('hex').replaceAll(/../g, '$& ')
  let clear = ''
  let supplements = ''
  let restored = ''
  let rest = digits
  for (;;) {
    rest = rest.replace(/^(00 )?00 00 01 /, '')
    const type = Number.parseInt(rest.slice(0, 2), 16) % 32
    if (type === 1 || type === 5) break
    const [unit = ''] = /^.*?(?=(00 )?00 00 01 )/.exec(rest) ?? []
    restored += `00 00 00 01 ${unit}`
    if (type === 6) {
      const bytes = unit.length / 3
      supplements += hex8(bytes).replaceAll(/../g, '$& ') + unit
      clear += '00 00 00 01 06 80 '
    } else clear += `00 00 00 01 ${unit}`
    rest = rest.slice(unit.length)
  }
  const bits = rest
    .slice(3)
    .split(' ')
    .map((pair) =>
      Number.parseInt(pair || '0', 16)
        .toString(2)
        .padStart(8, '0'),
    )
    .join('')
  let bit = 0
  for (let number = 0; number < 3; number += 1) {
    const zeros = bits.indexOf('1', bit) - bit
    bit += 2 * zeros + 1
  }
  const head = 3 * (1 + Math.ceil(bit / 8))
  clear += `00 00 00 01 ${rest.slice(0, head)}`
  const toBytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
  return {
    clear: toBytes(clear),
    secret: toBytes(supplements + rest.slice(head)),
    restored: toBytes(`${restored}00 00 00 01 ${rest}`),
  }
}

/** Byte by byte, as the codec's standard describes it. */
const escapeReference = (clear: Buffer, sealed: Buffer): Buffer => {
  const out = [...clear]
  let zeros = 0
  for (const byte of clear) zeros = byte === 0 ? zeros + 1 : 0
  for (const byte of [...sealed, 0x80]) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3)
      zeros = 0
    }
    out.push(byte)
    zeros = byte === 0 ? zeros + 1 : 0
  }
  return Buffer.from(out)
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
