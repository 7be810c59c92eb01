/**
 * Messages of STUN and TURN, as far as a client needs them to try a relay. RFC 8489 §5, RFC 8656.
 *
 * @module
 */
import { createHash, createHmac, randomBytes } from 'node:crypto'

/** The types of messages. */
export const STUN_TYPES = {
  binding: 0x0001,
  allocate: 0x0003,
  refresh: 0x0004,
  createPermission: 0x0008,
} as const

/** The types of attributes. */
export const STUN_ATTRIBUTES = {
  username: 0x0006,
  integrity: 0x0008,
  error: 0x0009,
  lifetime: 0x000d,
  peer: 0x0012,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
} as const

/** The attributes of a message by type, in their order. */
export type StunAttributes = ReadonlyMap<number, Buffer>

/** An answer of a server. */
export interface StunAnswer {
  readonly type: number
  readonly transaction: string
  readonly attributes: StunAttributes
  /** The code of an error, such as 401; `undefined` for success. */
  readonly error: number | undefined
}

/** A request, and the name that its answer bears. */
export interface StunRequest {
  readonly bytes: Buffer
  readonly transaction: string
}

/** Encodes a request; `key` authenticates it. */
export function encodeRequest(
  type: number,
  { attributes = new Map(), key }: { attributes?: StunAttributes; key?: Buffer | undefined },
): StunRequest {
  const id = randomBytes(12)
  const body = Buffer.concat(
    Array.from(attributes, ([kind, value]) => encodeAttribute(kind, value)),
  )
  const head = (length: number): Buffer => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt16BE(type, 0)
    bytes.writeUInt16BE(length, 2)
    bytes.writeUInt32BE(COOKIE, 4)
    return Buffer.concat([bytes, id])
  }
  const transaction = id.toString('hex')
  if (key === undefined) return { bytes: Buffer.concat([head(body.length), body]), transaction }
  // The length that is authenticated includes the attribute that authenticates. RFC 8489 §14.5
  const signed = Buffer.concat([head(body.length + 24), body])
  const mac = createHmac('sha1', key).update(signed).digest()
  const integrity = encodeAttribute(STUN_ATTRIBUTES.integrity, mac)
  return { bytes: Buffer.concat([signed, integrity]), transaction }
}

/** Decodes an answer. Returns `undefined`, not throws, for anything else. */
export function decodeAnswer(bytes: Buffer): StunAnswer | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== COOKIE) return undefined
  const end = 20 + bytes.readUInt16BE(2)
  if (end > bytes.length) return undefined
  const attributes = new Map<number, Buffer>()
  for (let at = 20; at + 4 <= end;) {
    const length = bytes.readUInt16BE(at + 2)
    if (at + 4 + length > end) return undefined
    attributes.set(bytes.readUInt16BE(at), bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length + (-length & 3)
  }
  const code = attributes.get(STUN_ATTRIBUTES.error)
  // Three bits of its class and a byte below it; the bits before them are reserved. RFC 8489 §14.8
  const error =
    code === undefined || code.length < 4 ? undefined : ((code[2] ?? 0) & 7) * 100 + (code[3] ?? 0)
  const transaction = bytes.subarray(8, 20).toString('hex')
  return { type: bytes.readUInt16BE(0), transaction, attributes, error }
}

/** How many bytes the first message of a stream has; `undefined` while too few are there. */
export function messageLength(bytes: Buffer): number | undefined {
  return bytes.length < 4 ? undefined : 20 + bytes.readUInt16BE(2)
}

/** The key of a name and a password. RFC 8489 §9.2.2 */
export function credentialKey({
  username,
  realm,
  password,
}: {
  readonly username: string
  readonly realm: string
  readonly password: string
}): Buffer {
  return createHash('md5').update(`${username}:${realm}:${password}`).digest()
}

/** An IPv4 address and a port, as XOR-PEER-ADDRESS has them. RFC 8489 §14.2 */
export function encodePeer(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes[1] = 1
  bytes.writeUInt16BE(port ^ (COOKIE >>> 16), 2)
  const plain = Buffer.from(address.split('.').map(Number)).readUInt32BE(0)
  bytes.writeUInt32BE((plain ^ COOKIE) >>> 0, 4)
  return bytes
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)])
}

const COOKIE = 0x2112_a442
