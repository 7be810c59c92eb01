/**
 * The same constructions once more, with nothing shared but the specification: `node:crypto`, one line for
 * each line of the chapter, no concern for speed. What ours says must be what this says.
 *
 * @module
 */
import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  sign,
} from 'node:crypto'

export const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8')

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

export const lp = (bytes: Uint8Array): Buffer => Buffer.concat([u16(bytes.length), bytes])

export const hkdf = (ikm: Uint8Array, salt: string, info: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', ikm, utf8(salt), utf8(info), length))

/** RFC 5869 §2.3: T(n) = HMAC(PRK, T(n-1) ‖ info ‖ n) */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [Buffer.alloc(0)]
  for (let n = 1; (n - 1) * 32 < length; n += 1) {
    const input = Buffer.concat([blocks[n - 1] ?? Buffer.alloc(0), info, Buffer.from([n])])
    blocks.push(createHmac('sha256', prk).update(input).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/** spec K6 */
export function exportKey(
  root: Uint8Array,
  request: { label: string; context: Uint8Array; length: number; epoch: bigint },
): Buffer {
  const info = Buffer.concat([
    utf8('conclave/1 export'),
    Buffer.from([0]),
    lp(utf8(request.label)),
    lp(request.context),
    u64(request.epoch),
    u16(request.length),
  ])
  return hkdfExpand(root, info, request.length)
}

const privateKeyOf = (seed: Uint8Array): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })

export const signWithSeed = (seed: Uint8Array, message: Uint8Array): Buffer =>
  sign(null, message, privateKeyOf(seed))

export const publicKeyOfSeed = (seed: Uint8Array): Buffer =>
  createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(-32)

/** spec K2, K3 */
export function linkKeys(secret: Uint8Array): {
  accessSeed: Buffer
  accessPublicKey: Buffer
  root: Buffer
  room: Buffer
} {
  const [random, owner] = [secret.subarray(0, 32), secret.subarray(32)]
  const accessSeed = hkdf(random, 'conclave/1 link', 'conclave/1 access', 32)
  const accessPublicKey = publicKeyOfSeed(accessSeed)
  return {
    accessSeed,
    accessPublicKey,
    root: hkdf(random, 'conclave/1 link', 'conclave/1 root', 32),
    room: hkdf(Buffer.concat([accessPublicKey, owner]), '', 'conclave/1 room id', 16),
  }
}

export interface ReferenceMessage {
  root: Uint8Array
  room: Uint8Array
  sender: Uint8Array
  /** 16 zero bytes: the room. */
  recipient: Uint8Array
  /** Of the sealer, 8 bytes. */
  salt: Uint8Array
  /** Whether it is in the stream of data to its recipient; left out: it is not. */
  data?: boolean
  /** Left out: none, as under a key source. */
  keyId?: string
  kind: number
  epoch: bigint
  sequence: bigint
  body: Uint8Array
}

/** spec P1, P2, P6, P16 */
export function sealMessage(message: ReferenceMessage): {
  key: Buffer
  nonce: Buffer
  aad: Buffer
  bytes: Buffer
} {
  const { root, room, sender, recipient, salt, kind, epoch, sequence, body } = message
  const id = utf8(message.keyId ?? '')
  const parties = Buffer.concat([room, sender, recipient])
  const context = Buffer.concat([parties, salt, id])
  const key = exportKey(root, { label: 'conclave/1 payload', context, length: 32, epoch })
  const isData = message.data === true
  const direct = isData ? 2 : 1
  const audience = recipient.some((byte) => byte !== 0) ? direct : 0
  const header = Buffer.concat([
    Buffer.from([1, kind, audience, id.length]),
    u64(epoch),
    u64(sequence),
    salt,
    id,
  ])
  const nonce = Buffer.concat([Buffer.from([0, 0, 0, isData ? 1 : 0]), u64(sequence)])
  const aad = Buffer.concat([utf8('conclave/1 payload'), Buffer.from([0]), header, parties])
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
  const committed = Buffer.concat([Buffer.alloc(16), body])
  const ciphertext = Buffer.concat([cipher.update(committed), cipher.final()])
  return { key, nonce, aad, bytes: Buffer.concat([header, ciphertext, cipher.getAuthTag()]) }
}
