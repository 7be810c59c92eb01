import {
  checkInstance,
  checkText,
  concatBytes,
  decodeText,
  encodeBase64Url,
  textToBytes,
} from '@conclave/base'
import { deriveBytes, importHkdfKey, SecretBytes, wipe } from '@conclave/crypto'
import { bytesToIdentity, identityToBytes, IDENTITY_BYTES } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { decodeCode, encodeCode } from './text-code.ts'
import type { TextForm } from './text-code.ts'
import { checkTime, decodeTime, timeToBytes } from './time.ts'

/** Length of an invitation's secret in bytes. spec E20 */
export const INVITATION_SECRET_BYTES = 32

/** The most bytes of an invitation's room in UTF-8. spec E20 */
export const MAX_INVITATION_ROOM_BYTES = 255

/** The content of an invitation, but for its secret. */
export interface InvitationDetails {
  /** The identity that the answer must come from. */
  readonly inviter: ExchangeIdentity
  readonly room: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/**
 * An invitation to one room, for one person, for a time. String and JSON conversions redact it: the first person with
 * its text can take the place. You must send the text over a channel that you trust, in the fragment of a link or as a
 * picture, never to a server.
 */
export class Invitation extends SecretBytes implements InvitationDetails {
  override readonly [Symbol.toStringTag] = 'Invitation'
  readonly #inviter: Uint8Array<ArrayBuffer>
  readonly room: string
  readonly expiresAt: number

  /**
   * Not for applications: `InvitationBook.create` and `parseInvitation` make them.
   *
   * @param secret 32 bytes; copied
   */
  constructor(secret: Uint8Array, { inviter, room, expiresAt }: InvitationDetails) {
    super(secret, INVITATION_SECRET_BYTES)
    this.#inviter = identityToBytes('inviter', inviter)
    checkText('room', room, { min: 1, max: MAX_INVITATION_ROOM_BYTES })
    this.room = room
    this.expiresAt = checkTime('expiresAt', expiresAt)
  }

  /** The identity that the answer must come from: a copy. */
  get inviter(): ExchangeIdentity {
    const inviter = bytesToIdentity(this.#inviter)
    if (inviter === undefined) throw new Error('unreachable: the inviter was checked')
    return inviter
  }
}

/** @throws TypeError for anything but an invitation */
export function checkInvitation(invitation: unknown): Invitation {
  const expected = { of: 'Invitation', method: 'unsafeExport' } as const
  checkInstance<Invitation>('invitation', invitation, expected)
  return invitation
}

/** The text of an invitation, for a link's fragment or a QR code. The text cannot be overwritten. spec E5, E20 */
export function encodeInvitation(invitation: Invitation, form: TextForm): string {
  const secret = checkInvitation(invitation).unsafeExport()
  const room = textToBytes(invitation.room)
  const content = concatBytes(
    ...[secret, identityToBytes('inviter', invitation.inviter)],
    ...[timeToBytes(invitation.expiresAt), [room.length], room],
  )
  const text = encodeCode('invitation', content, form)
  wipe(secret, content)
  return text
}

/**
 * The invitation of a text in either form; the `qr` form also as a person typed it. Returns `undefined`, not throws,
 * for anything else. The inviter's answer tells whether it is still open. spec E20
 */
export function parseInvitation(text: unknown): Invitation | undefined {
  const content = decodeCode('invitation', text)
  if (content === undefined || content.length <= ROOM_AT) return undefined
  const inviter = bytesToIdentity(content.subarray(INVITATION_SECRET_BYTES, EXPIRY_AT))
  const expiresAt = decodeTime(content, EXPIRY_AT)
  const room = decodeText(content, ROOM_AT)
  const isWhole = content.length === ROOM_AT + (content[ROOM_AT - 1] ?? 0)
  if (inviter === undefined || expiresAt === undefined || room === undefined || !isWhole) {
    return undefined
  }
  const secret = content.subarray(0, INVITATION_SECRET_BYTES)
  const invitation = new Invitation(secret, { inviter, room, expiresAt })
  wipe(content)
  return invitation
}

/** The id and the key that are derived from an invitation's secret. */
export interface InvitationKeys {
  /** Names the invitation in the inviter's book: 22 characters. */
  readonly id: string
  /** Seals the request. 32 bytes. */
  readonly requestKey: Uint8Array<ArrayBuffer>
}

/** Takes over `secret` and overwrites it: pass a copy. spec E21 */
export async function deriveInvitationKeys(
  secret: Uint8Array<ArrayBuffer>,
): Promise<InvitationKeys> {
  const material = await importHkdfKey(secret)
  const derive = (purpose: string, length: number): Promise<Uint8Array<ArrayBuffer>> =>
    deriveBytes(material, {
      salt: INVITATION_SALT,
      info: textToBytes(`conclave/1 invitation ${purpose}`),
      length,
    })
  const [id, requestKey] = await Promise.all([derive('id', 16), derive('request', 32)])
  return { id: encodeBase64Url(id), requestKey }
}

/** The salt of all derivations for invitations. spec E21, E22 */
export const INVITATION_SALT: Uint8Array<ArrayBuffer> = textToBytes('conclave/1 invitation')
const EXPIRY_AT: number = INVITATION_SECRET_BYTES + IDENTITY_BYTES
const ROOM_AT: number = EXPIRY_AT + 9
