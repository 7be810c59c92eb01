import { copyBytes, equalBytes } from '@conclave/base'
import { CURVE_KEY_BYTES, wipe } from '@conclave/crypto'
import { decodeCode, encodeCode } from '../exchange/text-code.ts'
import {
  checkOwner,
  deriveOwnerFingerprint,
  importOwnerKeys,
  OWNER_FINGERPRINT_BYTES,
} from './owner-keys.ts'
import type { OwnerKeyOptions, OwnerKeys } from './owner-keys.ts'

/** The keys of a room's owner, or why a text gives none: it is damaged or something else, or of another room's owner. */
export type DecodedOwnerKeys =
  | { readonly type: 'owner'; readonly owner: OwnerKeys }
  | { readonly type: 'refused'; readonly reason: 'malformed' | 'other-owner' }

/**
 * The keys as text, for another device of the same person: 16 groups of capitals and digits, which people copy or type. The
 * text cannot be overwritten. Returns `undefined`, not throws, unless the keys are exportable. spec U18
 *
 * You must show it to the owner only, and keep it out of links, logs and everything that a server sees: whoever has it is
 * the owner, and only a new link ends that.
 *
 * @throws TypeError for anything but the keys of an owner
 */
export function encodeOwnerKeys(owner: OwnerKeys): string | undefined {
  checkOwner(owner)
  const seed = owner.unsafeExport()
  if (seed === undefined) return undefined
  const text = encodeCode('owner', seed, 'qr')
  wipe(seed)
  return text.replaceAll(/.{4}(?=.)/g, '$&-')
}

/**
 * Decodes the text of an owner's keys as a person copied or typed it: small letters, spaces, any dashes or none. Never throws
 * for the text. spec U18
 *
 * @param options.ownerFingerprint of the owner of the room, 16 bytes: the answer of `parseRoomLink` has it
 * @throws TypeError for another fingerprint
 * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
 */
export async function decodeOwnerKeys(
  text: unknown,
  {
    ownerFingerprint,
    exportable,
  }: OwnerKeyOptions & {
    readonly ownerFingerprint: Uint8Array
  },
): Promise<DecodedOwnerKeys> {
  const fingerprint = copyBytes('ownerFingerprint', ownerFingerprint, OWNER_FINGERPRINT_BYTES)
  const seed = decodeCode('owner', text)
  if (seed?.length !== CURVE_KEY_BYTES) return { type: 'refused', reason: 'malformed' }
  const owner = await importOwnerKeys(seed, { exportable })
  wipe(seed)
  return equalBytes(await deriveOwnerFingerprint(owner.publicKey), fingerprint)
    ? { type: 'owner', owner }
    : { type: 'refused', reason: 'other-owner' }
}
