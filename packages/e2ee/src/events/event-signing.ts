/** The content of a signature: all that the tag authenticates, and what is sealed. spec P50 */
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

/** Signs events as one sender: what `createSigner` of `@conclave/e2ee/signing` makes. */
export interface EventSigner {
  /** Answers the signature, 64 bytes, then the plaintext. What is given is lent, and must be left as it is. */
  sign(event: EventToSign): Promise<Uint8Array<ArrayBuffer>>
}

/** Knows who signs with what: what `SignerDirectory` of `@conclave/e2ee/signing` is. */
export interface EventVerifier {
  /** The public key of this sender's under which the signature verifies; `undefined` for none. */
  verify(event: SignedEvent): Promise<Uint8Array<ArrayBuffer> | undefined>
}
