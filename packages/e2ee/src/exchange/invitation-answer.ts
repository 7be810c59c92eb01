import { checkText, decodeBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import type { AcceptedOrRefused } from './invitation-book.ts'
import { checkInvitation, deriveInvitationKeys } from './invitation.ts'
import type { Invitation } from './invitation.ts'
import { openKey } from './open-key.ts'
import type { DroppedKey, OpenedKey, OpenKeyOptions } from './open-key.ts'
import { sealKey } from './seal-key.ts'
import type { SealKeyOptions } from './seal-key.ts'
import { MAX_SEALED_KEY_BYTES } from './sealed-key.ts'

/**
 * Makes the inviter's answer to an accepted request: the room's key, sealed to the invitee, for this invitation only.
 * Send the same bytes again if they got lost.
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
    throw new TypeError('"accepted" expected a result of InvitationBook.accept with type accepted')
  }
  const { invitation, room, invitee } = accepted
  return sealKey(key, { ...options, room, to: invitee, purpose: purposeOf(invitation) })
}

/**
 * Opens the inviter's answer, whose key may become current at a keyring. Returns `dropped`, never throws, whatever the bytes are.
 *
 * @throws as `openKey`
 */
export async function openInvitationAnswer(
  bytes: unknown,
  {
    invitation,
    ...options
  }: Omit<OpenKeyOptions, 'from' | 'room' | 'purpose' | 'rotators'> & {
    readonly invitation: Invitation
  },
): Promise<OpenedKey | DroppedKey> {
  const { inviter, room } = checkInvitation(invitation)
  // A copy: the caller may change its bytes while the keys are derived.
  const copy = decodeBytes(bytes, { min: 1, max: 2 * MAX_SEALED_KEY_BYTES })
  const { id, requestKey } = await deriveInvitationKeys(invitation.unsafeExport())
  wipe(requestKey)
  return openKey(copy, {
    ...options,
    from: inviter,
    rotators: [inviter],
    room,
    purpose: purposeOf(id),
  })
}

/** spec E26 */
const purposeOf = (id: string): string => {
  checkText('invitation', id, { min: 22, max: 22 })
  return `conclave/1 invitation ${id}`
}
