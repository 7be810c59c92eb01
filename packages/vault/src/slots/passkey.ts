/** A passkey that a vault knows, and the salt for which it is asked. */
export interface PasskeyRequest {
  readonly credentialId: Uint8Array
  /** The authenticator hashes it with its own secret. */
  readonly salt: Uint8Array
  readonly rpId: string
}

/** The answer of a passkey. */
export interface PasskeyAnswer {
  /** The id of the passkey that answered, base64url. */
  readonly credentialId: string
  /** 32 secret bytes, the same each time for one passkey and salt. Belongs to the receiver, who overwrites it. */
  readonly output: Uint8Array<ArrayBuffer>
}

/** A new passkey for `vault.addSlot`, with its secret. You must not keep it: the slot is all that is needed. */
export interface NewPasskey extends PasskeyRequest {
  /** Belongs to the vault once it is added, which overwrites it. */
  readonly output: Uint8Array<ArrayBuffer>
  /** {@link PasskeyRegistrar.forget} for this passkey: the vault calls it when the passkey does not become a slot. */
  readonly discard?: () => Promise<boolean>
}

/** Asks authenticators; a browser's is made by `createPasskeyClient`. spec V12 */
export interface PasskeyClient {
  /**
   * The answer of one of these passkeys, whichever the person chooses.
   *
   * @throws the reason of `signal` when it aborts, before anything is asked where it has aborted already
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
   * Makes a passkey for the vault and asks it for its secret; an authenticator that answers only when the passkey is used
   * shows a second dialog. Call it on a click. A registration that fails leaves no passkey behind where the platform can
   * {@link PasskeyRegistrar.forget} one.
   *
   * You must tell the person that deleting the passkey closes this way in, and that the recovery key stays.
   *
   * @param options `user`: shown in the person's list of passkeys; `exclude`: the vault's passkeys (`vault.slots()`), so
   *   that no authenticator gets a second one
   * @throws TypeError for a `user` without names; the reason of `signal` when it aborts
   * @throws VaultError `ERR_VAULT_PASSKEY_REFUSED`, `ERR_VAULT_UNSUPPORTED` (`WebAuthn PRF`): the authenticator
   *   made a passkey that has no secret to give; it is of no use here
   */
  register(options: {
    readonly user: { readonly name: string; readonly displayName: string }
    readonly exclude?: readonly string[]
    readonly signal?: AbortSignal
  }): Promise<NewPasskey>

  /**
   * Tells the platform that no vault knows a passkey, which hides or deletes it: after its slot was removed. WebAuthn
   * §5.1.10.1. Resolves to whether the platform could be told, never rejects; a device that is not here keeps its passkey.
   *
   * @param credentialId base64url, as in `vault.slots()`
   */
  forget(credentialId: string): Promise<boolean>
}
