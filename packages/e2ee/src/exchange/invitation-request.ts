import { verifySignature } from '@conclave/crypto/verify'
import {
  concatBytes,
  decodeBase64Url,
  decodeBytes,
  encodeBase64Url,
  textToBytes,
  withLength,
} from '@conclave/base'
import {
  decryptAesGcm,
  encryptAesGcm,
  importAndWipe,
  NONCE_BYTES,
  randomBytes,
  signBytes,
} from '@conclave/crypto'
import { bytesToIdentity, identityToBytes, IDENTITY_BYTES } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { checkInvitation, deriveInvitationKeys } from './invitation.ts'
import type { Invitation, InvitationDetails } from './invitation.ts'
import { checkTime, decodeTime, timeToBytes } from './time.ts'

/** Length of a request in bytes. spec E22 */
export const INVITATION_REQUEST_BYTES = 182

/** The invitee's message to the inviter, or the reason why it could not be made. */
export type InvitationRequest =
  | { readonly type: 'request'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'refused'; readonly reason: 'expired' }

/**
 * Makes an invitee's request, which brings its identity to the inviter under the invitation's secret. Carriers see which
 * invitation it is for, not who asks. It may be made and sent again until the answer has come.
 *
 * @param options.now the time in milliseconds since 1970: `Date.now()`
 * @throws TypeError, RangeError that name the argument
 * @throws E2eeError `ERR_E2EE_CLOSED`
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function requestInvitation(
  invitation: Invitation,
  { keys, now }: { readonly keys: ExchangeKeys; readonly now: number },
): Promise<InvitationRequest> {
  const given = checkInvitation(invitation)
  const { privateKey } = checkKeys('keys', keys).toStored().signing
  if (given.expiresAt <= checkTime('now', now)) return { type: 'refused', reason: 'expired' }
  const { id, requestKey } = await deriveInvitationKeys(given.unsafeExport())
  const self = identityToBytes('keys', keys.identity)
  const head = concatBytes([VERSION, TYPE], decodeBase64Url(id) ?? [], timeToBytes(given.expiresAt))
  const bound = concatBytes(head, encodeDetails(given))
  const signature = await signBytes(privateKey, concatBytes(PROOF_LABEL, bound, self))
  const nonce = randomBytes(NONCE_BYTES)
  const sealed = await encryptAesGcm(
    await importAndWipe(requestKey, 'AES-GCM', ['encrypt']),
    { nonce, additionalData: concatBytes(SEAL_LABEL, bound) },
    concatBytes(self, signature),
  )
  return { type: 'request', bytes: concatBytes(head, nonce, sealed) }
}

/** A request, decoded as far as it is in clear. */
export interface DecodedRequest {
  /** The invitation that it is for. */
  readonly id: string
  /** Authenticated by opening. */
  readonly expiresAt: number
  readonly head: Uint8Array<ArrayBuffer>
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly sealed: Uint8Array<ArrayBuffer>
}

/** Decodes untrusted bytes. Returns `undefined`, not throws, for anything that is no request. spec E22 */
export function decodeRequest(given: unknown): DecodedRequest | undefined {
  const bytes = decodeBytes(given, { min: INVITATION_REQUEST_BYTES, max: INVITATION_REQUEST_BYTES })
  if (bytes === undefined || bytes[0] !== VERSION || bytes[1] !== TYPE) return undefined
  const expiresAt = decodeTime(bytes, EXPIRY_AT)
  if (expiresAt === undefined) return undefined
  return {
    id: encodeBase64Url(bytes.slice(2, EXPIRY_AT)),
    expiresAt,
    head: bytes.slice(0, HEAD_BYTES),
    nonce: bytes.slice(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES),
    sealed: bytes.slice(HEAD_BYTES + NONCE_BYTES),
  }
}

/**
 * The identity that asks. Returns `undefined`, not throws, for a request that the holder of the invitation did not make,
 * or made in the name of keys that it does not have. Takes over `requestKey` and overwrites it. spec E23
 */
export async function openRequest(
  { head, nonce, sealed }: DecodedRequest,
  {
    details,
    requestKey,
  }: { readonly details: InvitationDetails; readonly requestKey: Uint8Array<ArrayBuffer> },
): Promise<ExchangeIdentity | undefined> {
  const key = await importAndWipe(requestKey, 'AES-GCM', ['decrypt'])
  const bound = concatBytes(head, encodeDetails(details))
  const context = { nonce, additionalData: concatBytes(SEAL_LABEL, bound) }
  const opened = await decryptAesGcm(key, context, sealed)
  if (opened === undefined) return undefined
  const [self, signature] = [opened.slice(0, IDENTITY_BYTES), opened.slice(IDENTITY_BYTES)]
  const identity = bytesToIdentity(self)
  if (identity === undefined) return undefined
  const signed = concatBytes(PROOF_LABEL, bound, self)
  return (await verifySignature(identity.signingKey, signature, signed)) ? identity : undefined
}

/** The details of the invitation that both ends know, but for the expiry, which is in the head. */
function encodeDetails({ inviter, room }: InvitationDetails): Uint8Array<ArrayBuffer> {
  return concatBytes(identityToBytes('inviter', inviter), withLength(textToBytes(room)))
}

const VERSION = 1
const TYPE = 4
const EXPIRY_AT = 18
const HEAD_BYTES: number = EXPIRY_AT + 8
const SEAL_LABEL = textToBytes('conclave/1 invitation request\0')
const PROOF_LABEL = textToBytes('conclave/1 invitation proof\0')
