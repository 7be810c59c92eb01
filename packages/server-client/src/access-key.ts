import { checkObject, checkString, decodeBase64Url } from '@conclave/base'
import { unsupportedError } from '@conclave/crypto/errors'
import { importJWK, SignJWT } from 'jose'
import type { JWK } from 'jose'

/**
 * An access key of an app, as the hub's operator gave it: the secret of HS256 as base64url of 32 to 64 bytes, or a private key of Ed25519 (EdDSA) or
 * P-256 (ES256) as a JWK.
 */
export type AccessKeySecret = string | JsonWebKey

/** The use of a token: none is accepted for another. */
export type TokenUse = 'request' | 'capability'

/** An access key that signs, always by its own algorithm. */
export class AccessKey {
  readonly #header: { readonly alg: Algorithm; readonly kid: string }
  readonly #app: string
  readonly #jwk: JWK
  #key: ReturnType<typeof importJWK> | undefined

  get [Symbol.toStringTag](): string {
    return 'AccessKey'
  }

  /** @throws TypeError for a key that is none */
  constructor({
    app,
    keyId,
    key,
  }: {
    readonly app: string
    readonly keyId: string
    readonly key: AccessKeySecret
  }) {
    checkString('app', app)
    checkString('keyId', keyId)
    const [alg, jwk] = readKey(key)
    this.#header = { alg, kid: keyId }
    this.#app = app
    this.#jwk = jwk
  }

  /** @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`; TypeError when the platform does not take the key */
  async sign(use: TokenUse, claims: Readonly<Record<string, unknown>>): Promise<string> {
    if (globalThis.crypto?.subtle === undefined) throw unsupportedError('WebCrypto')
    const { alg } = this.#header
    this.#key ??= importJWK(this.#jwk, alg)
    const key = await this.#key
    return new SignJWT({ iss: this.#app, ...claims })
      .setProtectedHeader({ ...this.#header, typ: TYPES[use] })
      .sign(key)
  }
}

type Algorithm = 'HS256' | 'ES256' | 'EdDSA'

function readKey(key: AccessKeySecret): readonly [Algorithm, JWK] {
  if (typeof key === 'string') {
    const length = decodeBase64Url(key)?.length ?? 0
    if (length < MIN_SECRET_BYTES || length > MAX_SECRET_BYTES) throw wrongKey()
    return ['HS256', { kty: 'oct', k: key }]
  }
  checkObject('key', key)
  const { kty, crv, d } = key
  const alg =
    kty === 'OKP' && crv === 'Ed25519'
      ? 'EdDSA'
      : kty === 'EC' && crv === 'P-256'
        ? 'ES256'
        : undefined
  if (alg === undefined || typeof d !== 'string') throw wrongKey()
  return [alg, { ...key }]
}

const wrongKey = (): TypeError =>
  new TypeError(
    '"key" expected a secret of 32 to 64 bytes in base64url, or a private key of Ed25519 or P-256 as a JWK',
  )

const TYPES: Readonly<Record<TokenUse, string>> = {
  request: 'conclave-request+jwt',
  capability: 'conclave-capability+jwt',
}
const MIN_SECRET_BYTES = 32
const MAX_SECRET_BYTES = 64
