import { concatBytes, encodeBase64Url, textToBytes } from '@conclave/base'
import { randomBytes, webCrypto } from '@conclave/crypto'
import { hashBytes } from '@conclave/crypto/verify'
import { VaultError } from '../errors.ts'
import type { PasskeyRegistrar } from '../slots/passkey.ts'

/** An authenticator in memory. Its secrets can be exported: never use it for a real vault. */
export interface SoftwarePasskeys extends PasskeyRegistrar {
  /** Deletes a passkey, as a person can too. Resolves to whether it was there. */
  forget(credentialId: string): Promise<boolean>
}

/** Passkeys of one site, whose secret is HMAC-SHA-256 over the salt as with CTAP's `hmac-secret`. */
export function createSoftwarePasskeys(options: { readonly rpId: string }): SoftwarePasskeys {
  const { rpId } = options
  const keyByCredential = new Map<string, CryptoKey>()

  const compute = async (credentialId: string, salt: Uint8Array) => {
    const key = keyByCredential.get(credentialId)
    if (key === undefined) throw new VaultError('ERR_VAULT_PASSKEY_REFUSED', undefined)
    // The salt as a browser passes it to the authenticator. WebAuthn §10.1.4
    const prefixed = concatBytes(textToBytes('WebAuthn PRF\0'), salt)
    const input = await hashBytes(prefixed)
    return new Uint8Array(await webCrypto().sign('HMAC', key, input))
  }

  return {
    register: async () => {
      const credentialId = randomBytes(16)
      const algorithm = { name: 'HMAC', hash: 'SHA-256' }
      const key = await webCrypto().generateKey(algorithm, false, ['sign'])
      if ('publicKey' in key) throw new Error('unreachable: HMAC has one key')
      const id = encodeBase64Url(credentialId)
      keyByCredential.set(id, key)
      const salt = randomBytes(32)
      const discard = async (): Promise<boolean> => keyByCredential.delete(id)
      return { credentialId, rpId, salt, output: await compute(id, salt), discard }
    },
    evaluate: async (requests) => {
      const known = requests
        .filter((request) => request.rpId === rpId)
        .map((request) => ({ ...request, id: encodeBase64Url(request.credentialId) }))
        .find(({ id }) => keyByCredential.has(id))
      if (known === undefined) throw new VaultError('ERR_VAULT_PASSKEY_REFUSED', undefined)
      return { credentialId: known.id, output: await compute(known.id, known.salt) }
    },
    forget: async (credentialId) => keyByCredential.delete(credentialId),
  }
}
