/**
 * The chapter once more, by Node's own cryptography and without the package's code: what it writes, the package
 * must read. Slow, obvious, and deterministic: every random value is an argument. Node only.
 */
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  sign,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'

export interface ReferenceSlot {
  readonly type: 1 | 2 | 3
  readonly id: Buffer
  readonly parameters: Buffer
  /** The slot's secret: recovery key, stretched passphrase, output of a passkey. */
  readonly secret: Buffer
  /** Seed of the ephemeral key. */
  readonly ephemeral: Buffer
  readonly label: string
  /** In the contents, when it is not that of the secret. */
  readonly writtenKey?: Buffer
}

export interface ReferenceVault {
  readonly id: Buffer
  readonly version: number
  readonly salt: Buffer
  /** The master keys of all generations, the current one last. */
  readonly masterKeys: readonly Buffer[]
  readonly slots: readonly ReferenceSlot[]
  readonly history: readonly Buffer[]
  /** Names the device that writes; zeros for none. */
  readonly writer: Buffer
  readonly lastWrites: readonly {
    readonly device: Buffer
    readonly version: number
    readonly digest: Buffer
  }[]
  readonly entries: readonly (readonly [name: string, value: Buffer])[]
  /** More bytes after the padding, which do not belong there. */
  readonly extraPadding?: Buffer
  /** Master keys of whose signers the rotations are, when not those above. */
  readonly signerKeys?: readonly Buffer[]
}

export function writeVault(vault: ReferenceVault): Buffer {
  const { id, version, masterKeys, slots, entries, history } = vault
  const generation = masterKeys.length
  const masterKey = masterKeys.at(-1) ?? Buffer.alloc(0)
  const wrapped = slots.map((slot) => {
    const publicKey = slotPublicKey(slot, id)
    const ephemeral = privateKeyOf('X25519', slot.ephemeral)
    const shared = diffieHellman({
      privateKey: ephemeral,
      publicKey: publicKeyObject('X25519', publicKey),
    })
    const ephemeralKey = rawPublicKey(ephemeral)
    const info = Buffer.concat([
      ...[Buffer.from('conclave/1 vault wrap\0'), slot.id, u32(generation)],
      ...[ephemeralKey, publicKey],
    ])
    const head = Buffer.concat([
      ...[Buffer.of(slot.type, 0), u16(slot.parameters.length), slot.id, slot.parameters],
    ])
    return Buffer.concat([head, ephemeralKey, gcm(hkdf(shared, id, info), masterKey, head)])
  })
  const rotations = writeRotations(vault.signerKeys ?? masterKeys, id)
  const contents = Buffer.concat([
    ...slots.flatMap((slot) => [
      slot.writtenKey ?? slotPublicKey(slot, id),
      u8(Buffer.byteLength(slot.label)),
      Buffer.from(slot.label),
    ]),
    ...[u8(rotations.length), ...rotations, u8(history.length), ...history, vault.writer],
    u8(vault.lastWrites.length),
    ...vault.lastWrites.flatMap(({ device, version: last, digest }) => [device, u64(last), digest]),
    u16(entries.length),
    ...entries.flatMap(([name, value]) => [
      ...[u8(Buffer.byteLength(name)), Buffer.from(name), u32(value.length), value],
    ]),
  ])
  const missing = (1024 - (contents.length % 1024)) % 1024
  const { extraPadding = Buffer.alloc(0) } = vault
  const plaintext = Buffer.concat([contents, Buffer.alloc(missing), extraPadding])
  const clear = Buffer.concat([
    ...[Buffer.from('CVLT'), Buffer.of(1, slots.length, 0, 0), u64(version), u32(generation)],
    ...[u32(plaintext.length + 16), id, vault.salt, ...wrapped],
  ])
  const info = Buffer.concat([Buffer.from('conclave/1 vault contents\0'), id])
  const key = hkdf(masterKey, vault.salt, info)
  return Buffer.concat([
    clear,
    gcm(key, plaintext, Buffer.concat([Buffer.from('conclave/1 vault\0'), clear])),
  ])
}

/** The signers of these generations' master keys, each with the signature of the one before. */
function writeRotations(masterKeys: readonly Buffer[], id: Buffer): readonly Buffer[] {
  const signers = masterKeys.map((key) =>
    privateKeyOf('Ed25519', hkdf(key, id, Buffer.from('conclave/1 vault signer\0'))),
  )
  return signers.map((signer, at) => {
    const publicKey = rawPublicKey(signer)
    const link = [Buffer.from('conclave/1 vault rotation\0'), id, u32(at + 1), publicKey]
    const before = signers[at - 1]
    const signature = before ? sign(null, Buffer.concat(link), before) : Buffer.alloc(64)
    return Buffer.concat([publicKey, signature])
  })
}

/** The notice of a vault with these master keys, the current one last. */
export function writeNotice(masterKeys: readonly Buffer[], id: Buffer): Buffer {
  const rotations = writeRotations(masterKeys, id)
  const head = [Buffer.from('CVLN'), Buffer.of(1, rotations.length, 0, 0), id]
  return Buffer.concat([...head, u32(masterKeys.length), ...rotations])
}

export function slotPublicKey(slot: Pick<ReferenceSlot, 'id' | 'secret'>, vaultId: Buffer): Buffer {
  const info = Buffer.concat([Buffer.from('conclave/1 vault slot\0'), slot.id])
  return rawPublicKey(privateKeyOf('X25519', hkdf(slot.secret, vaultId, info)))
}

/** The text of a recovery key, by arithmetic on one big number and a search for the check characters. */
export function recoveryText(key: Buffer): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  const number = BigInt(`0x${key.toString('hex')}`)
  const data = Array.from({ length: 26 }, (_, at) =>
    Number((number >> BigInt(5 * (25 - at))) & 31n),
  )
  for (let check = 0; check < 1024; check += 1) {
    const symbols = [...data, check >> 5, check & 31]
    const syndrome = (step: number) =>
      symbols.reduce((sum, symbol, at) => sum ^ times(symbol, alpha(step * at)), 0)
    if (syndrome(1) === 0 && syndrome(2) === 0) {
      const text = symbols.map((symbol) => alphabet[symbol]).join('')
      return (text.match(/.{4}/g) ?? []).join('-')
    }
  }
  throw new Error('no check characters')
}

/** A product in GF(32), bit by bit. */
function times(one: number, other: number): number {
  let product = 0
  for (let bit = 0; bit < 5; bit += 1) if ((other >> bit) & 1) product ^= one << bit
  for (let bit = 9; bit >= 5; bit -= 1) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5)
  return product
}

const alpha = (exponent: number): number =>
  Array.from({ length: exponent }).reduce<number>((power) => times(power, 2), 1)

export const digestOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

const hkdf = (ikm: Buffer, salt: Buffer, info: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', ikm, salt, info, 32))

function gcm(key: Buffer, plaintext: Buffer, aad: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(aad)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

const privateKeyOf = (curve: 'X25519' | 'Ed25519', seed: Buffer): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from(`302e020100300506032b65${curve === 'X25519' ? '6e' : '70'}04220420`, 'hex'),
      seed,
    ]),
    format: 'der',
    type: 'pkcs8',
  })

const publicKeyObject = (crv: 'X25519', raw: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv, x: raw.toString('base64url') }, format: 'jwk' })

const rawPublicKey = (key: KeyObject): Buffer =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' })['x'] ?? '', 'base64url')

const u8 = (value: number): Buffer => Buffer.of(value)
const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 65_535)])
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
