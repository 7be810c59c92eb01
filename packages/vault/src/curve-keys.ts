import { decodeBase64Url } from '@conclave/base'
import { concatBytes, textToBytes } from './bytes.ts'
import { VaultError } from './errors.ts'
import { KEY_BYTES } from './limits.ts'
import { webCrypto } from './web-crypto.ts'

/** A private key that cannot be read out, and its public half. */
export interface CurveKeys {
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly privateKey: CryptoKey
}

/** The X25519 keys of a seed; overwrites it. RFC 7748 §5. @throws VaultError `ERR_VAULT_UNSUPPORTED` */
export async function importAgreementKeys(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeys> {
  return supported('X25519', async () => {
    const privateKey = await importSeed('X25519', seed, ['deriveBits'], false)
    // The public half is the agreement with the base point. RFC 7748 §6.1
    const publicKey = await agree(privateKey, Uint8Array.of(9, ...new Uint8Array(KEY_BYTES - 1)))
    if (publicKey === undefined) throw new Error('no public key')
    return { publicKey, privateKey }
  })
}

/** New X25519 keys. @throws VaultError `ERR_VAULT_UNSUPPORTED` */
export async function generateAgreementKeys(): Promise<CurveKeys> {
  return supported('X25519', async () => {
    const pair = await webCrypto().generateKey('X25519', false, ['deriveBits'])
    if (!('publicKey' in pair)) throw new Error('no pair of keys')
    const publicKey = new Uint8Array(await webCrypto().exportKey('raw', pair.publicKey))
    return { publicKey, privateKey: pair.privateKey }
  })
}

/** The shared secret; `undefined` for a public key that no honest party has. RFC 7748 §6.1 */
export async function agree(
  privateKey: CryptoKey,
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const subtle = webCrypto()
  try {
    const imported = await subtle.importKey('raw', publicKey, 'X25519', false, [])
    const parameters = { name: 'X25519', public: imported }
    const secret = new Uint8Array(await subtle.deriveBits(parameters, privateKey, 256))
    return secret.some((byte) => byte !== 0) ? secret : undefined
  } catch {
    return undefined
  }
}

/** The Ed25519 keys of a seed; overwrites it. RFC 8032 §5.1.5. @throws VaultError `ERR_VAULT_UNSUPPORTED` */
export async function importSigningKeys(seed: Uint8Array<ArrayBuffer>): Promise<CurveKeys> {
  return supported('Ed25519', async () => {
    const copy = new Uint8Array(seed)
    const privateKey = await importSeed('Ed25519', seed, ['sign'], false)
    // WebCrypto gives the public half nowhere but in a JWK, which needs an extractable key.
    const readable = await importSeed('Ed25519', copy, ['sign'], true)
    const { x } = await webCrypto().exportKey('jwk', readable)
    const publicKey = x === undefined ? undefined : decodeBase64Url(x)
    if (publicKey?.length !== KEY_BYTES) throw new Error('no public key')
    const probe = textToBytes('conclave/1 key check')
    if (!(await verify(publicKey, await sign(privateKey, probe), probe))) {
      throw new Error('the public key does not verify what the private key signed')
    }
    return { publicKey, privateKey }
  })
}

/** An Ed25519 signature, 64 bytes. */
export async function sign(
  privateKey: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await webCrypto().sign('Ed25519', privateKey, bytes))
}

/** Whether an Ed25519 signature verifies. Never throws for input. */
export async function verify(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const subtle = webCrypto()
  try {
    const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return await subtle.verify('Ed25519', key, signature, bytes)
  } catch {
    return false
  }
}

async function importSeed(
  algorithm: 'X25519' | 'Ed25519',
  seed: Uint8Array<ArrayBuffer>,
  usages: KeyUsage[],
  extractable: boolean,
): Promise<CryptoKey> {
  const pkcs8 = concatBytes(PKCS8_PREFIX[algorithm], seed)
  seed.fill(0)
  try {
    return await webCrypto().importKey('pkcs8', pkcs8, algorithm, extractable, usages)
  } finally {
    pkcs8.fill(0)
  }
}

async function supported<T>(feature: 'X25519' | 'Ed25519', work: () => Promise<T>): Promise<T> {
  webCrypto()
  try {
    return await work()
  } catch (cause) {
    throw new VaultError('ERR_VAULT_UNSUPPORTED', { feature }, { cause })
  }
}

/** A PrivateKeyInfo without attributes, up to the 32 bytes of the seed. RFC 8410 §7 */
const pkcs8Prefix = (oid: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    ...[
      0x30,
      0x2e,
      0x02,
      0x01,
      0x00,
      0x30,
      0x05,
      0x06,
      0x03,
      0x2b,
      0x65,
      oid,
      0x04,
      0x22,
      0x04,
      0x20,
    ],
  )

const PKCS8_PREFIX = { X25519: pkcs8Prefix(0x6e), Ed25519: pkcs8Prefix(0x70) }
