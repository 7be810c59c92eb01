import { checkText, decodeBytes } from '@conclave/base'
import { wipe } from '@conclave/crypto'
import { checkInvitation, deriveInvitationKeys } from './invitation.ts'
import type { Invitation } from './invitation.ts'
import { openKey } from './open-key.ts'
import type { DroppedKey, OpenedKey, OpenKeyOptions } from './open-key.ts'
import { MAX_SEALED_KEY_BYTES } from './sealed-key.ts'

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
  }: Omit<OpenKeyOptions, 'from' | 'room' | 'purpose' | 'rotators' | 'seen'> & {
    readonly invitation: Invitation
    /** Left out: the answer opens each time that it comes, always with the key of this invitation. */
    readonly seen?: OpenKeyOptions['seen']
  },
): Promise<OpenedKey | DroppedKey> {
  const { inviter, room } = checkInvitation(invitation)
  // A copy: the caller may change its bytes while the keys are derived.
  const copy = decodeBytes(bytes, { min: 1, max: 2 * MAX_SEALED_KEY_BYTES })
  const { id, requestKey } = await deriveInvitationKeys(invitation.unsafeExport())
  wipe(requestKey)
  return openKey(copy, {
    ...options,
    seen: options.seen ?? 'none',
    from: inviter,
    rotators: [inviter],
    room,
    purpose: answerPurpose(id),
  })
}

/** The purpose of the answer to an invitation. spec E26 */
export function answerPurpose(id: string): string {
  checkText('invitation', id, { min: 22, max: 22 })
  return `conclave/1 invitation ${id}`
}
