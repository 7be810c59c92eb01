import { bytesToIdentity } from './exchange-identity.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import type { HeldInvitation, HeldInvitee } from './invitation-state.ts'

/** The most bytes of a key that answers an invitation. spec E26 */
export const MAX_ANSWER_KEY_BYTES = 1024

/** One invitation, as the inviter sees it. */
export interface InvitationEntry {
  readonly id: string
  readonly room: string
  readonly expiresAt: number
  readonly state: 'open' | 'accepted' | 'answered' | 'revoked' | 'expired'
  /** The identity that was accepted; with the states `accepted` and `answered`. */
  readonly invitee?: ExchangeIdentity
}

/** An invitation that an invitee was accepted by. */
export interface InvitationOutcome {
  /** The id of the invitation. */
  readonly invitation: string
  readonly room: string
  /** The identity that asked: it proved that it has both private keys. You may compare the `safetyNumber` before you answer. */
  readonly invitee: ExchangeIdentity
}

/** An invitation that was answered. */
export interface AnsweredInvitation extends InvitationOutcome {
  readonly type: 'answered'
  /** The bytes for the invitee, the same each time. */
  readonly answer: Uint8Array<ArrayBuffer>
}

/** The result of a request: accepted, for one invitee, or refused with a reason. spec E23 */
export type AcceptedOrRefused =
  | ({ readonly type: 'accepted' } & InvitationOutcome)
  | AnsweredInvitation
  | { readonly type: 'refused'; readonly reason: 'malformed' | 'not-authentic' | InvitationRefusal }

/** The result of answering. spec E26 */
export type AnsweredOrRefused =
  | AnsweredInvitation
  | {
      readonly type: 'refused'
      readonly reason: 'unknown' | 'revoked' | 'expired' | 'not-accepted'
    }

/** Why a request is refused that has its form. `used`: somebody else was accepted. spec E23 */
export type InvitationRefusal = 'unknown' | 'used' | 'revoked' | 'expired' | 'other-room'

/** The answer that something was refused. */
export const refused = <Reason extends string>(
  reason: Reason,
): { readonly type: 'refused'; readonly reason: Reason } => ({ type: 'refused', reason })

/** The identity that was accepted. */
export function inviteeOf({ invitee }: HeldInvitee): ExchangeIdentity {
  const identity = bytesToIdentity(invitee)
  if (identity === undefined) throw new Error('unreachable: the invitee was checked')
  return identity
}

type Accepted = Extract<HeldInvitation, { readonly state: 'accepted' }>
type Answered = Extract<HeldInvitation, { readonly state: 'answered' }>

/** The result for the invitee of an invitation. spec E25 */
export function outcomeOf(id: string, held: Accepted | Answered): AcceptedOrRefused {
  if (held.state === 'answered') return answeredOf(id, held)
  return { type: 'accepted', invitation: id, room: held.room, invitee: inviteeOf(held) }
}

/** The answer of an invitation, again. */
export function answeredOf(id: string, held: Answered): AnsweredInvitation {
  const outcome = { invitation: id, room: held.room, invitee: inviteeOf(held) }
  return { type: 'answered', ...outcome, answer: new Uint8Array(held.answer) }
}

/** The result of answering an invitation that is not `accepted`. spec E26 */
export function repeatAnswer(
  id: string,
  held: Answered | Extract<HeldInvitation, { readonly state: 'open' }>,
): AnsweredOrRefused {
  return held.state === 'answered' ? answeredOf(id, held) : refused('not-accepted')
}
