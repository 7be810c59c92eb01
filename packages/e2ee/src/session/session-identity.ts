import type { ParticipantId } from '@conclave/wire'

/** The public side of a session. Only an opened introduction shows that the three belong together. spec C14 */
export interface SessionIdentity {
  readonly id: ParticipantId
  /** Ed25519, 32 bytes. */
  readonly signingKey: Uint8Array<ArrayBuffer>
  /** X25519, 32 bytes. */
  readonly agreementKey: Uint8Array<ArrayBuffer>
}
