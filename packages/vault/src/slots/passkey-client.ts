import {
  checkMethods,
  checkObject,
  checkString,
  decodeBase64Url,
  encodeBase64Url,
} from '@conclave/base'
import { randomBytes } from '@conclave/crypto'
import { VaultError } from '../errors.ts'
import { KEY_BYTES } from '../limits.ts'
import type { PasskeyClient, PasskeyRegistrar, PasskeyRequest } from './passkey.ts'
import { isRpId } from './slot-format.ts'

/**
 * Passkeys by WebAuthn with its extension PRF: the authenticator gives the secret after it verified the person, and
 * keeps its own secret. WebAuthn §10.1.4. spec V12
 *
 * @param options `rp.id`: the site's host name or a parent domain of it; passkeys work nowhere else
 * @throws TypeError for an `rp.id` that is no host name in lower-case ASCII, or a missing `rp.name`
 */
export function createPasskeyClient(options: {
  readonly rp: { readonly id: string; readonly name: string }
  /** `navigator.credentials` by default. */
  readonly credentials?: CredentialsContainer
}): PasskeyRegistrar {
  checkObject('options', options)
  const { rp, credentials } = options
  if (typeof rp?.id !== 'string' || !isRpId(rp.id)) {
    throw new TypeError('"rp.id" expected a host name in lower-case ASCII')
  }
  checkString('rp.name', rp.name)
  if (credentials !== undefined) checkMethods('credentials', credentials, 'get')

  const evaluate: PasskeyClient['evaluate'] = async (requests, { signal }) => {
    const ours = requests.filter(({ rpId }) => rpId === rp.id)
    if (ours.length === 0) throw new VaultError('ERR_VAULT_NO_SLOT', { type: 'passkey' })
    const credential = await ask({ credentials, signal }, (container) =>
      container.get({
        ...(signal && { signal }),
        publicKey: {
          challenge: randomBytes(KEY_BYTES),
          rpId: rp.id,
          userVerification: 'required',
          allowCredentials: ours.map(({ credentialId }) => descriptorOf(credentialId)),
          extensions: { prf: inputsOf(ours) },
        },
      }),
    )
    const output = secretOf(credential)
    if (output === undefined) throw unsupported()
    return { credentialId: encodeBase64Url(new Uint8Array(credential.rawId)), output }
  }

  const forget = (credentialId: string): Promise<boolean> =>
    signalUnknownCredential({ rpId: rp.id, credentialId })

  return {
    evaluate,
    forget,
    register: async ({ user, exclude = [], signal }) => {
      checkString('user.name', user?.name)
      checkString('user.displayName', user.displayName)
      const salt = randomBytes(KEY_BYTES)
      const credential = await ask({ credentials, signal }, (container) =>
        container.create({
          ...(signal && { signal }),
          publicKey: {
            rp: { id: rp.id, name: rp.name },
            user: { id: randomBytes(KEY_BYTES), name: user.name, displayName: user.displayName },
            challenge: randomBytes(KEY_BYTES),
            pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            excludeCredentials: exclude.flatMap((id) => {
              const bytes = decodeBase64Url(id)
              return bytes === undefined ? [] : [descriptorOf(bytes)]
            }),
            extensions: { prf: { eval: { first: new Uint8Array(salt) } } },
          },
        }),
      )
      const credentialId = new Uint8Array(credential.rawId)
      const request = { credentialId, salt, rpId: rp.id }
      const discard = (): Promise<boolean> => forget(encodeBase64Url(credentialId))
      try {
        signal?.throwIfAborted()
        const secret = secretOf(credential)
        if (secret === undefined && resultsOf(credential)?.enabled !== true) throw unsupported()
        // Not every authenticator answers while it makes the passkey: such a one is asked as when the vault is opened.
        const output = secret ?? (await evaluate([request], signal ? { signal } : {})).output
        return { ...request, output, discard }
      } catch (error) {
        await discard()
        throw error
      }
    },
  }
}

/** Whether the browser reports that it can ask passkeys for secrets; only making one proves it. spec V12 */
export async function isPasskeySupported(): Promise<boolean> {
  const type = globalThis.PublicKeyCredential as
    | { readonly getClientCapabilities?: () => Promise<Record<string, boolean>> }
    | undefined
  if (type === undefined) return false
  try {
    return (await type.getClientCapabilities?.())?.['extension:prf'] === true
  } catch {
    return false
  }
}

/** A single passkey is asked by `eval`: fewer password managers fail than with `evalByCredential`. spec V12 */
function inputsOf(requests: readonly PasskeyRequest[]): AuthenticationExtensionsPRFInputs {
  const [first, ...others] = requests.map(({ credentialId, salt }) => ({
    id: encodeBase64Url(credentialId),
    values: { first: new Uint8Array(salt) },
  }))
  if (first !== undefined && others.length === 0) return { eval: first.values }
  const all = first === undefined ? [] : [first, ...others]
  return { evalByCredential: Object.fromEntries(all.map(({ id, values }) => [id, values])) }
}

/** @throws the reason of an aborted signal; VaultError */
async function ask(
  {
    credentials: given,
    signal,
  }: {
    readonly credentials: CredentialsContainer | undefined
    readonly signal: AbortSignal | undefined
  },
  call: (credentials: CredentialsContainer) => Promise<Credential | null>,
): Promise<PublicKeyCredential> {
  signal?.throwIfAborted()
  const credentials =
    given ??
    (globalThis.navigator as { credentials?: CredentialsContainer } | undefined)?.credentials
  if (credentials === undefined) throw unsupported()
  let credential: Credential | null
  try {
    credential = await call(credentials)
  } catch (cause) {
    signal?.throwIfAborted()
    const name = (cause as { readonly name?: unknown } | undefined)?.name
    if (name === 'NotSupportedError') throw unsupported(cause)
    throw new VaultError('ERR_VAULT_PASSKEY_REFUSED', undefined, { cause })
  }
  if (credential?.type !== 'public-key') throw unsupported()
  return credential as PublicKeyCredential
}

const resultsOf = (
  credential: PublicKeyCredential,
): AuthenticationExtensionsPRFOutputs | undefined => credential.getClientExtensionResults().prf

/** The secret of an answer; `undefined` where there is none. @throws VaultError for one of another length */
function secretOf(credential: PublicKeyCredential): Uint8Array<ArrayBuffer> | undefined {
  const output = resultsOf(credential)?.results?.first
  if (output === undefined) return undefined
  const bytes = copySource(output)
  if (bytes.length !== KEY_BYTES) throw unsupported()
  return bytes
}

/** WebAuthn §5.1.10.1. Not every browser has it. */
async function signalUnknownCredential(options: {
  readonly rpId: string
  readonly credentialId: string
}): Promise<boolean> {
  const type = globalThis.PublicKeyCredential as
    | { readonly signalUnknownCredential?: (given: typeof options) => Promise<void> }
    | undefined
  if (typeof type?.signalUnknownCredential !== 'function') return false
  try {
    await type.signalUnknownCredential(options)
    return true
  } catch {
    return false
  }
}

const copySource = (source: BufferSource): Uint8Array<ArrayBuffer> =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(new Uint8Array(source.buffer, source.byteOffset, source.byteLength))
    : new Uint8Array(source)

const descriptorOf = (id: Uint8Array): PublicKeyCredentialDescriptor => ({
  type: 'public-key',
  id: new Uint8Array(id),
})

const unsupported = (cause?: unknown): VaultError<'ERR_VAULT_UNSUPPORTED'> =>
  new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'WebAuthn PRF' }, cause ? { cause } : {})

/** Ed25519, ES256, RS256: any will do, as no signature of the passkey is used. */
const ALGORITHMS = [-8, -7, -257]
