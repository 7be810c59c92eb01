/** The content of a signature: everything that the tag authenticates, and the plaintext. spec P50 */
export interface EventToSign {
  /** Header, and context where it is in clear. spec P22 */
  readonly associatedData: Uint8Array<ArrayBuffer>
  readonly plaintext: Uint8Array<ArrayBuffer>
}

/** An event that claims to be signed. */
export interface SignedEvent {
  readonly sender: string
  /** Header, and context where it is in clear. spec P22 */
  readonly associatedData: Uint8Array<ArrayBuffer>
  /** The signature, 64 bytes, then the plaintext. */
  readonly content: Uint8Array<ArrayBuffer>
}

/** Signs events as one sender; `createSigner` of `@conclave/e2ee/signing` makes one. */
export interface EventSigner {
  /** Returns the signature, 64 bytes, then the plaintext. The arguments are lent and must not be changed. */
  sign(event: EventToSign): Promise<Uint8Array<ArrayBuffer>>
}

/** Knows the keys of signers; `SignerDirectory` of `@conclave/e2ee/signing` implements it. */
export interface EventVerifier {
  /** The public key of this sender's under which the signature verifies; `undefined` for none. */
  verify(event: SignedEvent): Promise<Uint8Array<ArrayBuffer> | undefined>
}
