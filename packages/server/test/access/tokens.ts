import { SignJWT, generateKeyPair, exportJWK, generateSecret } from 'jose'
import { encodeBase64Url } from '@conclave/base'
import type { AccessKey, App } from '../../src/access/app.ts'
import { createRequest } from './support.ts'

/** An access key with its half that signs. */
export interface TestKey {
  readonly key: AccessKey
  readonly signs: CryptoKey | Uint8Array
}

export const HOST = 'meet.example'
/** The time of day of a virtual clock that has just begun, in seconds. */
export const NOW_S = 1000

/** A fresh access key. */
export async function createKey(
  algorithm: AccessKey['algorithm'],
  id: string = algorithm,
): Promise<TestKey> {
  if (algorithm === 'HS256') {
    const secret = await generateSecret('HS256', { extractable: true })
    const { k = '' } = await exportJWK(secret)
    return { key: { id, algorithm, key: k }, signs: secret as CryptoKey }
  }
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const { kty = '', crv, x, y } = await exportJWK(publicKey)
  const jwk = { kty, crv, x, ...(y === undefined ? {} : { y }) }
  return { key: { id, algorithm, key: jwk }, signs: privateKey }
}

/** An application with a key of each algorithm. */
export async function createApp(id = 'shop'): Promise<{ app: App; keys: readonly TestKey[] }> {
  const keys = await Promise.all(
    (['HS256', 'EdDSA', 'ES256'] as const).map((name) => createKey(name, `${id}-${name}`)),
  )
  return { app: { id, keys: keys.map(({ key }) => key) }, keys }
}

/** The claims of a capability of alice for a connection, apart from what `changes` replaces. */
export const createClaims = (
  changes: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  ...{ aud: HOST, iat: NOW_S, exp: NOW_S + 60, sub: 'alice', dev: 'phone', jti: 'one' },
  cnx: createRequest().nonce,
  ch: [{ name: createRequest().channel, rights: ['subscribe', 'publish'] }],
  ...changes,
})

/** A token that is signed, with the header of a capability apart from what `header` replaces. */
export function signToken(
  { key, signs }: TestKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const given = { alg: key.algorithm, kid: key.id, typ: 'conclave-capability+jwt', ...header }
  return new SignJWT({ ...claims }).setProtectedHeader(given).sign(signs)
}

/** The base64url of JSON. */
export const encodeJson = (value: unknown): string =>
  encodeBase64Url(new TextEncoder().encode(JSON.stringify(value)))
