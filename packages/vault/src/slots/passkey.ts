import { decodeBase64Url, encodeBase64Url } from '@conclave/base'
import { randomBytes } from '../bytes.ts'
import { VaultError } from '../errors.ts'
import { KEY_BYTES } from '../limits.ts'
import { isRpId } from './slot.ts'

/** A passkey that a vault knows, as it is asked for its secret. */
export interface PasskeyRequest {
  readonly credentialId: Uint8Array
  /** What the authenticator hashes with its own secret. */
  readonly salt: Uint8Array
  readonly rpId: string
}

/** What a passkey answered. */
export interface PasskeyAnswer {
  /** Which one answered, base64url. */
  readonly credentialId: string
  /** 32 secret bytes, the same each time for one passkey and salt. Belongs to the receiver, who overwrites it. */
  readonly output: Uint8Array<ArrayBuffer>
}

/** A new passkey for `vault.addSlot`, with its secret. You must not keep it: the slot is all that is needed. */
export interface NewPasskey extends PasskeyRequest {
  /** Belongs to the vault once it is added, which overwrites it. */
  readonly output: Uint8Array<ArrayBuffer>
}

/** Asks authenticators; a browser's is {@link createPasskeyClient}. spec V12 */
export interface PasskeyClient {
  /**
   * The answer of one of these passkeys, whichever the person chooses.
   *
   * @throws VaultError `ERR_VAULT_PASSKEY_REFUSED`, `ERR_VAULT_UNSUPPORTED` (`WebAuthn PRF`)
   */
  evaluate(
    requests: readonly PasskeyRequest[],
    options: { readonly signal?: AbortSignal },
  ): Promise<PasskeyAnswer>
}

/** A {@link PasskeyClient} that can also make passkeys. */
export interface PasskeyRegistrar extends PasskeyClient {
  /**
   * Makes a passkey for the vault and asks it once: two dialogs on some devices. Call it on a click.
   *
   * You must tell the person that who deletes the passkey loses this way in, and that the recovery key stays.
   *
   * @param options `user`: what the person's list of passkeys shows; `exclude`: the vault's passkeys
   *   (`vault.slots()`), so that no authenticator gets a second one
   * @throws VaultError `ERR_VAULT_PASSKEY_REFUSED`, `ERR_VAULT_UNSUPPORTED` (`WebAuthn PRF`): the authenticator
   *   made a passkey that has no secret to give; it is of no use here
   */
  register(options: {
    readonly user: { readonly name: string; readonly displayName: string }
    readonly exclude?: readonly string[]
    readonly signal?: AbortSignal
  }): Promise<NewPasskey>
}

/**
 * Passkeys by WebAuthn with its extension PRF: the secret comes out of the authenticator after it verified the
 * person, and never leaves their devices. WebAuthn §10.1.4. spec V12
 *
 * @param options `rp.id`: the site's host name or a parent domain of it; passkeys work nowhere else
 * @throws TypeError for an `rp.id` that is no host name in lower-case ASCII
 */
export function createPasskeyClient(options: {
  readonly rp: { readonly id: string; readonly name: string }
  /** `navigator.credentials` by default. */
  readonly credentials?: CredentialsContainer
}): PasskeyRegistrar {
  const { rp } = options
  if (typeof rp?.id !== 'string' || !isRpId(rp.id)) {
    throw new TypeError('"rp.id" expected a host name in lower-case ASCII')
  }

  const evaluate: PasskeyClient['evaluate'] = async (requests, { signal }) => {
    const ours = requests.filter(({ rpId }) => rpId === rp.id)
    if (ours.length === 0) throw new VaultError('ERR_VAULT_NO_SLOT', { type: 'passkey' })
    const credential = await ask(options.credentials, (credentials) =>
      credentials.get({
        ...(signal && { signal }),
        publicKey: {
          challenge: randomBytes(KEY_BYTES),
          rpId: rp.id,
          userVerification: 'required',
          allowCredentials: ours.map(({ credentialId }) => descriptor(credentialId)),
          extensions: { prf: inputsOf(ours) },
        },
      }),
    )
    const output = resultsOf(credential)?.results?.first
    if (output === undefined) throw unsupported()
    const bytes = toBytes(output)
    if (bytes.length !== KEY_BYTES) throw unsupported()
    return { credentialId: encodeBase64Url(new Uint8Array(credential.rawId)), output: bytes }
  }

  return {
    evaluate,
    register: async ({ user, exclude = [], signal }) => {
      const salt = randomBytes(KEY_BYTES)
      const credential = await ask(options.credentials, (credentials) =>
        credentials.create({
          ...(signal && { signal }),
          publicKey: {
            rp: { id: rp.id, name: rp.name },
            user: { id: randomBytes(KEY_BYTES), name: user.name, displayName: user.displayName },
            challenge: randomBytes(KEY_BYTES),
            pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
            excludeCredentials: exclude.flatMap((id) => {
              const bytes = decodeBase64Url(id)
              return bytes === undefined ? [] : [descriptor(bytes)]
            }),
            extensions: { prf: {} },
          },
        }),
      )
      if (resultsOf(credential)?.enabled !== true) throw unsupported()
      const credentialId = new Uint8Array(credential.rawId)
      // Asked anew: not every authenticator answers while it makes the passkey, and what matters is that this
      // one answers when the vault is opened.
      const request = { credentialId, salt, rpId: rp.id }
      const { output } = await evaluate([request], signal ? { signal } : {})
      return { ...request, output }
    },
  }
}

/** Whether the browser says that it can ask passkeys for secrets; only making one shows that it can. spec V12 */
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

/** One passkey is asked directly: fewer password managers fail than when asked for one of several. */
function inputsOf(requests: readonly PasskeyRequest[]): AuthenticationExtensionsPRFInputs {
  const [first, ...others] = requests.map(({ credentialId, salt }) => ({
    id: encodeBase64Url(credentialId),
    values: { first: new Uint8Array(salt) },
  }))
  if (first !== undefined && others.length === 0) return { eval: first.values }
  const all = first === undefined ? [] : [first, ...others]
  return { evalByCredential: Object.fromEntries(all.map(({ id, values }) => [id, values])) }
}

async function ask(
  given: CredentialsContainer | undefined,
  call: (credentials: CredentialsContainer) => Promise<Credential | null>,
): Promise<PublicKeyCredential> {
  const credentials =
    given ??
    (globalThis.navigator as { credentials?: CredentialsContainer } | undefined)?.credentials
  if (credentials === undefined) throw unsupported()
  let credential: Credential | null
  try {
    credential = await call(credentials)
  } catch (cause) {
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

const toBytes = (source: BufferSource): Uint8Array<ArrayBuffer> =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(new Uint8Array(source.buffer, source.byteOffset, source.byteLength))
    : new Uint8Array(source)

const descriptor = (id: Uint8Array): PublicKeyCredentialDescriptor => ({
  type: 'public-key',
  id: new Uint8Array(id),
})

const unsupported = (cause?: unknown): VaultError<'ERR_VAULT_UNSUPPORTED'> =>
  new VaultError('ERR_VAULT_UNSUPPORTED', { feature: 'WebAuthn PRF' }, cause ? { cause } : {})

/** Ed25519, ES256, RS256: what the passkey signs with does not matter here. */
const ALGORITHMS = [-8, -7, -257]
