import { checkText, decodeBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import type { AcceptedOrRefused } from './invitation-book.ts'
import { deriveInvitationKeys } from './invitation.ts'
import type { Invitation } from './invitation.ts'
import { checkInvitation } from './invitation-request.ts'
import { MAX_SEALED_KEY_BYTES, openKey, sealKey } from './sealed-key.ts'
import type { DroppedKey, OpenedKey, OpenKeyOptions, SealKeyOptions } from './sealed-key.ts'

/**
 * The inviter's answer to an accepted request: the room's key, sealed to who asked, good for this invitation alone.
 * Send the same bytes again when they got lost.
 *
 * @throws as `sealKey`
 */
export async function sealInvitationAnswer(
  key: Uint8Array,
  {
    accepted,
    ...options
  }: Omit<SealKeyOptions, 'to' | 'room' | 'purpose'> & {
    readonly accepted: Extract<AcceptedOrRefused, { readonly type: 'accepted' }>
  },
): Promise<Uint8Array<ArrayBuffer>> {
  if ((accepted as Partial<AcceptedOrRefused> | undefined)?.type !== 'accepted') {
    throw new TypeError('"accepted" expected what InvitationBook.accept answered')
  }
  const { invitation, room, invitee } = accepted
  return sealKey(key, { ...options, room, to: invitee, purpose: purposeOf(invitation) })
}

/**
 * Opens the answer of who invited. Answers `dropped`, never throws, whatever the bytes are.
 *
 * @throws as `openKey`
 */
export async function openInvitationAnswer(
  bytes: unknown,
  {
    invitation,
    ...options
  }: Omit<OpenKeyOptions, 'from' | 'room' | 'purpose'> & { readonly invitation: Invitation },
): Promise<OpenedKey | DroppedKey> {
  const { inviter, room } = checkInvitation(invitation)
  // The bytes are the caller's, who may change them while the keys are derived.
  const copy = decodeBytes(bytes, { min: 1, max: 2 * MAX_SEALED_KEY_BYTES })
  const { id, requestKey } = await deriveInvitationKeys(invitation.unsafeExport())
  wipe(requestKey)
  return openKey(copy, { ...options, from: inviter, room, purpose: purposeOf(id) })
}

/** spec E26 */
const purposeOf = (id: string): string => {
  checkText('invitation', id, { min: 22, max: 22 })
  return `conclave/1 invitation ${id}`
}
