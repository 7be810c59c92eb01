/**
 * A second implementation of the exchange, from the chapter and RFC 9180 only: `node:crypto`, one line for each line of
 * the text.
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  pbkdf2Sync,
} from 'node:crypto'
import {
  hkdf,
  hkdfExpand,
  lp,
  publicKeyOfSeed,
  signWithSeed,
  u16,
  u64,
  utf8,
} from './node-reference.ts'

const zero = Buffer.from([0])
export const x25519Private = (seed: Uint8Array): ReturnType<typeof createPrivateKey> =>
  createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
export const x25519Public = (key: Uint8Array): ReturnType<typeof createPublicKey> =>
  createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), key]),
    format: 'der',
    type: 'spki',
  })
export const x25519PublicOf = (seed: Uint8Array): Buffer =>
  createPublicKey(x25519Private(seed)).export({ format: 'der', type: 'spki' }).subarray(-32)

/** The sender's half of RFC 9180: DHKEM(X25519, HKDF-SHA256), base mode. */
export function hpkeSchedule(
  { ephemeral, receiver }: { ephemeral: Uint8Array; receiver: Uint8Array },
  { info, keyLength }: { info: Uint8Array; keyLength: 16 | 32 },
) {
  const enc = x25519PublicOf(ephemeral)
  const dh = diffieHellman({
    privateKey: x25519Private(ephemeral),
    publicKey: x25519Public(receiver),
  })
  const shared = sharedOf(dh, { enc, receiver })
  return { enc, shared, ...scheduleOf(shared, { info, keyLength }) }
}

/** RFC 9180 §4 */
const extract = (id: Buffer, salt: Buffer, [label, ikm]: [string, Buffer]): Buffer =>
  createHmac('sha256', salt.length === 0 ? Buffer.alloc(32) : salt)
    .update(Buffer.concat([utf8('HPKE-v1'), id, utf8(label), ikm]))
    .digest()
const expand = (id: Buffer, prk: Buffer, [label, context, length]: [string, Buffer, number]) =>
  hkdfExpand(prk, Buffer.concat([u16(length), utf8('HPKE-v1'), id, utf8(label), context]), length)
const none = Buffer.alloc(0)

/** RFC 9180 §4.1 */
function sharedOf(dh: Buffer, { enc, receiver }: { enc: Uint8Array; receiver: Uint8Array }) {
  const kemId = Buffer.concat([utf8('KEM'), u16(0x0020)])
  const context = Buffer.concat([enc, receiver])
  return expand(kemId, extract(kemId, none, ['eae_prk', dh]), ['shared_secret', context, 32])
}

/** RFC 9180 §5.1 */
function scheduleOf(
  shared: Buffer,
  { info, kem = 0x0020, keyLength = 32 }: { info: Uint8Array; kem?: number; keyLength?: 16 | 32 },
) {
  const hpkeId = Buffer.concat([utf8('HPKE'), u16(kem), u16(1), u16(keyLength === 16 ? 1 : 2)])
  const context = Buffer.concat([
    zero,
    extract(hpkeId, none, ['psk_id_hash', none]),
    extract(hpkeId, none, ['info_hash', Buffer.from(info)]),
  ])
  const secret = extract(hpkeId, shared, ['secret', none])
  return {
    key: expand(hpkeId, secret, ['key', context, keyLength]),
    nonce: expand(hpkeId, secret, ['base_nonce', context, 12]),
    exporter: expand(hpkeId, secret, ['exp', context, 32]),
  }
}

/** AES-GCM, the tag at the end. */
export function gcmSeal(
  { key, nonce, aad }: { key: Uint8Array; nonce: Uint8Array; aad: Uint8Array },
  plaintext: Uint8Array,
): Buffer {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce)
  cipher.setAAD(aad)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

export interface ReferencePerson {
  readonly signingSeed: Buffer
  readonly agreementSeed: Buffer
  readonly identity: Buffer
  readonly id: Buffer
}

/** spec E1, E2 */
export function personOf(secret: Uint8Array): ReferencePerson {
  const signingSeed = hkdf(secret, 'conclave/1 exchange', 'conclave/1 exchange signing', 32)
  const agreementSeed = hkdf(secret, 'conclave/1 exchange', 'conclave/1 exchange agreement', 32)
  const identity = Buffer.concat([publicKeyOfSeed(signingSeed), x25519PublicOf(agreementSeed)])
  return { signingSeed, agreementSeed, identity, id: idOf(identity) }
}

const idOf = (identity: Buffer): Buffer =>
  createHash('sha256')
    .update(Buffer.concat([utf8('conclave/1 identity'), zero, identity]))
    .digest()
    .subarray(0, 16)

/** spec E5 */
export function codeTexts(type: number, content: Buffer): { link: string; qr: string } {
  const body = Buffer.concat([Buffer.from([1, type]), content])
  const bytes = Buffer.concat([body, crc32(body)])
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const qr = (bits.match(/.{1,5}/g) ?? [])
    .map((group) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number.parseInt(group.padEnd(5, '0'), 2)])
    .join('')
  return { link: bytes.toString('base64url'), qr }
}

/** The remainder of the division of polynomials, bit by bit, as a textbook has it. */
function crc32(bytes: Buffer): Buffer {
  const bits = [...bytes].flatMap((byte) => [0, 1, 2, 3, 4, 5, 6, 7].map((at) => (byte >> at) & 1))
  const message = [...bits, ...Array.from({ length: 32 }, () => 0)].map((bit, at) =>
    at < 32 ? bit ^ 1 : bit,
  )
  const polynomial = `1${(0x04c11db7).toString(2).padStart(32, '0')}`
  for (let at = 0; at + 32 < message.length; at += 1) {
    if (message[at] === 0) continue
    for (let k = 0; k <= 32; k += 1)
      message[at + k] = (message[at + k] ?? 0) ^ Number(polynomial[k])
  }
  // The remainder is reflected and inverted.
  const rest = message
    .slice(-32)
    .map((bit) => bit ^ 1)
    .toReversed()
    .join('')
  return Buffer.from(Number.parseInt(rest, 2).toString(16).padStart(8, '0'), 'hex')
}

/** spec E6 */
export function safetyNumberOf(one: ReferencePerson, other: ReferencePerson): string {
  const half = ({ identity }: ReferencePerson): string => {
    const bytes = pbkdf2Sync(identity, 'conclave/1 safety number', 100_000, 30, 'sha512')
    return [0, 5, 10, 15, 20, 25]
      .map((at) => (bytes.readUIntBE(at, 5) % 100_000).toString().padStart(5, '0'))
      .join(' ')
  }
  return [half(one), half(other)].toSorted().join(' ')
}

export interface ReferenceSealedKey {
  readonly from: ReferencePerson
  readonly to: ReferencePerson
  readonly ephemeral: Buffer
  readonly id: Buffer
  readonly expiresAt: number
  readonly room: string
  readonly purpose: string
  readonly keyId: string
  readonly epoch: bigint
  readonly key: Buffer
  /** The receiver's prekey; left out: none. */
  readonly prekey?: ReferencePrekey
  /** Another encapsulation than that of the ephemeral key. */
  readonly encapsulated?: { readonly kem: number; readonly enc: Buffer; readonly shared: Buffer }
  /** The plaintext, where it is not as E12 says. */
  readonly content?: Buffer
  /** The signed bytes, where they are not those of E13. */
  readonly signed?: Buffer
  /** The signer, where it is not the sender. */
  readonly signer?: ReferencePerson
}

/** spec E11, E12, E13 */
export function sealReferenceKey(message: ReferenceSealedKey) {
  const { from, to, ephemeral, id, expiresAt, room, purpose, keyId, epoch, key } = message
  const header = Buffer.concat([
    ...[Buffer.from([1, 3]), id, u64(BigInt(expiresAt)), from.id, to.id],
    message.prekey?.id ?? Buffer.alloc(16),
  ])
  const bound = Buffer.concat([
    header,
    from.identity,
    to.identity,
    lp(utf8(room)),
    lp(utf8(purpose)),
  ])
  const name = utf8(keyId)
  const head = Buffer.alloc(9)
  head.writeBigUInt64BE(epoch)
  head[8] = name.length
  const content = message.content ?? Buffer.concat([head, name, key])
  const info = Buffer.concat([utf8('conclave/1 sealed key'), zero, bound])
  const receiver = message.prekey?.publicKey ?? to.identity.subarray(32)
  const { kem, enc, shared } = message.encapsulated ?? {}
  const schedule =
    enc && shared
      ? { enc, ...scheduleOf(shared, { info, ...(kem && { kem }) }) }
      : hpkeSchedule({ ephemeral, receiver }, { info, keyLength: 32 })
  const label = utf8('conclave/1 sealed key signature')
  const signed = message.signed ?? Buffer.concat([label, zero, bound, schedule.enc, content])
  const signature = signWithSeed((message.signer ?? from).signingSeed, signed)
  const plaintext = Buffer.concat([signature, content])
  const ciphertext = gcmSeal({ ...schedule, aad: Buffer.alloc(0) }, plaintext)
  const bytes = Buffer.concat([header, schedule.enc, ciphertext])
  return { info, content, signed, bytes }
}

/** The key that the receiver finds; throws where it finds none. */
export function openReferenceKey(
  bytes: Buffer,
  {
    from,
    to,
    room,
    purpose,
    seed = to.agreementSeed,
  }: Pick<ReferenceSealedKey, 'from' | 'to' | 'room' | 'purpose'> & { readonly seed?: Buffer },
): Buffer {
  const header = bytes.subarray(0, 74)
  const bound = Buffer.concat([
    header,
    from.identity,
    to.identity,
    lp(utf8(room)),
    lp(utf8(purpose)),
  ])
  const [enc, sealed] = [bytes.subarray(74, 106), bytes.subarray(106)]
  const dh = diffieHellman({
    privateKey: x25519Private(seed),
    publicKey: x25519Public(enc),
  })
  const info = Buffer.concat([utf8('conclave/1 sealed key'), zero, bound])
  const shared = sharedOf(dh, { enc, receiver: x25519PublicOf(seed) })
  const { key, nonce } = scheduleOf(shared, { info })
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAuthTag(sealed.subarray(-16))
  const plaintext = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  const content = plaintext.subarray(64)
  const label = utf8('conclave/1 sealed key signature')
  const signed = Buffer.concat([label, zero, bound, enc, content])
  // Ed25519 signs the same bytes the same way.
  if (!signWithSeed(from.signingSeed, signed).equals(plaintext.subarray(0, 64)))
    throw new Error('signature')
  return content
}

export interface ReferencePrekey {
  readonly publicKey: Buffer
  readonly id: Buffer
}

export interface ReferenceInvitation {
  readonly secret: Buffer
  readonly inviter: ReferencePerson
  readonly expiresAt: number
  readonly room: string
}

/** spec E20, E21, E25 */
export function describeInvitation({ secret, inviter, expiresAt, room }: ReferenceInvitation) {
  const derive = (purpose: string, length: number): Buffer =>
    hkdf(secret, 'conclave/1 invitation', `conclave/1 invitation ${purpose}`, length)
  const [id, requestKey] = [derive('id', 16), derive('request', 32)]
  const [expiry, name] = [u64(BigInt(expiresAt)), utf8(room)]
  const length = Buffer.from([name.length])
  const record = Buffer.concat([Buffer.from([2, 0, 1, 0]), id, requestKey, expiry, length, name])
  const content = Buffer.concat([secret, inviter.identity, expiry, length, name])
  return { id, requestKey, record, texts: codeTexts(2, content) }
}

/** spec E22 */
export function makeRequest(
  invitation: ReferenceInvitation,
  {
    invitee,
    nonce,
    signer = invitee,
    agreer = invitee,
  }: {
    invitee: ReferencePerson
    nonce: Buffer
    signer?: ReferencePerson
    agreer?: ReferencePerson
  },
): Buffer {
  const { id, requestKey } = describeInvitation(invitation)
  const head = Buffer.concat([Buffer.from([1, 4]), id, u64(BigInt(invitation.expiresAt))])
  const bound = Buffer.concat([head, invitation.inviter.identity, lp(utf8(invitation.room))])
  const claim = Buffer.concat([zero, bound, invitee.identity])
  const signature = signWithSeed(
    signer.signingSeed,
    Buffer.concat([utf8('conclave/1 invitation proof'), claim]),
  )
  const shared = diffieHellman({
    privateKey: x25519Private(agreer.agreementSeed),
    publicKey: x25519Public(invitation.inviter.identity.subarray(32)),
  })
  const info = Buffer.concat([utf8('conclave/1 invitation agreement'), claim])
  const proofKey = Buffer.from(hkdfSync('sha256', shared, 'conclave/1 invitation', info, 32))
  const proof = gcmSeal({ key: proofKey, nonce, aad: Buffer.alloc(0) }, signature)
  const plaintext = Buffer.concat([invitee.identity, proof])
  const aad = Buffer.concat([utf8('conclave/1 invitation request'), zero, bound])
  return Buffer.concat([head, nonce, gcmSeal({ key: requestKey, nonce, aad }, plaintext)])
}
