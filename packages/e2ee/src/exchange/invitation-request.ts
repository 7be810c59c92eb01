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
  agree,
  decryptAesGcm,
  deriveAesGcmKey,
  encryptAesGcm,
  importAndWipe,
  importHkdfKey,
  NONCE_BYTES,
  randomBytes,
  signBytes,
} from '@conclave/crypto'
import type { SecretKey } from '@conclave/crypto'
import { bytesToIdentity, identityToBytes, IDENTITY_BYTES } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import { checkInvitation, deriveInvitationKeys, INVITATION_SALT } from './invitation.ts'
import type { Invitation, InvitationDetails } from './invitation.ts'
import { checkTime, decodeTime, timeToBytes } from './time.ts'

/** Length of a request in bytes. spec E22 */
export const INVITATION_REQUEST_BYTES = 198

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
  const { signing, agreement } = checkKeys('keys', keys).toStored()
  if (given.expiresAt <= checkTime('now', now)) return { type: 'refused', reason: 'expired' }
  const { id, requestKey } = await deriveInvitationKeys(given.unsafeExport())
  const self = identityToBytes('keys', keys.identity)
  const head = concatBytes([VERSION, TYPE], decodeBase64Url(id) ?? [], timeToBytes(given.expiresAt))
  const bound = concatBytes(head, encodeDetails(given))
  const nonce = randomBytes(NONCE_BYTES)
  const claim = concatBytes(bound, self)
  const proofKey = await deriveProofKey(agreement.privateKey, given.inviter, {
    claim,
    usage: 'encrypt',
  })
  // The inviter's identity was checked: it has no key of small order.
  if (proofKey === undefined) throw new Error('unreachable: no agreement with the inviter')
  const signature = await signBytes(signing.privateKey, concatBytes(PROOF_LABEL, claim))
  const proof = await encryptAesGcm(proofKey, { nonce }, signature)
  const sealed = await encryptAesGcm(
    await importAndWipe(requestKey, 'AES-GCM', ['encrypt']),
    { nonce, additionalData: concatBytes(SEAL_LABEL, bound) },
    concatBytes(self, proof),
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
 * or made in the name of a key that it does not have. Takes over `requestKey` and overwrites it. spec E23
 *
 * @param options.agreementKey the inviter's private key
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function openRequest(
  { head, nonce, sealed }: DecodedRequest,
  {
    details,
    requestKey,
    agreementKey,
  }: {
    readonly details: InvitationDetails
    readonly requestKey: Uint8Array<ArrayBuffer>
    readonly agreementKey: CryptoKey
  },
): Promise<ExchangeIdentity | undefined> {
  const key = await importAndWipe(requestKey, 'AES-GCM', ['decrypt'])
  const bound = concatBytes(head, encodeDetails(details))
  const context = { nonce, additionalData: concatBytes(SEAL_LABEL, bound) }
  const opened = await decryptAesGcm(key, context, sealed)
  if (opened === undefined) return undefined
  const [self, proof] = [opened.slice(0, IDENTITY_BYTES), opened.slice(IDENTITY_BYTES)]
  const identity = bytesToIdentity(self)
  if (identity === undefined) return undefined
  const claim = concatBytes(bound, self)
  const proofKey = await deriveProofKey(agreementKey, identity, { claim, usage: 'decrypt' })
  const signature = proofKey && (await decryptAesGcm(proofKey, { nonce }, proof))
  if (signature === undefined) return undefined
  const signed = concatBytes(PROOF_LABEL, claim)
  return (await verifySignature(identity.signingKey, signature, signed)) ? identity : undefined
}

/** The key that only the private agreement keys of invitee and inviter give: a signature under it proves both. spec E22 */
async function deriveProofKey(
  privateKey: CryptoKey,
  { agreementKey }: ExchangeIdentity,
  { claim, usage }: { readonly claim: Uint8Array; readonly usage: 'encrypt' | 'decrypt' },
): Promise<SecretKey | undefined> {
  const shared = await agree(privateKey, agreementKey)
  if (shared === undefined) return undefined
  const info = concatBytes(AGREEMENT_LABEL, claim)
  const ikm = await importHkdfKey(shared)
  return deriveAesGcmKey(ikm, { salt: INVITATION_SALT, info, bytes: 32, usages: [usage] })
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
const AGREEMENT_LABEL = textToBytes('conclave/1 invitation agreement\0')
const PROOF_LABEL = textToBytes('conclave/1 invitation proof\0')
