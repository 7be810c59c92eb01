/**
 * The authority of a room as applications see it: one immutable value. spec R24
 *
 * @module
 */
import type { Emitter } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { Admission } from './admission.ts'
import type { Asking } from './asking-list.ts'
import type { Standing } from './own-standing.ts'
import type { RoomControl, RoomRule } from './room-control.ts'

/** The rule of the room, and the standing of this session; never changes. */
export interface AuthorityView {
  /** This session: only when it is `admitted`, it is in the room. */
  readonly standing: Standing
  /** This session's place: only an owner and hosts let in and put out. */
  readonly role: 'owner' | 'host' | undefined
  /** The number of the owner's newest policy that is known here; 0 before the first one. */
  readonly number: number
  readonly rule: RoomRule
  /** The messages that newcomers get: none, or those of the call while it lasts. */
  readonly history: 'none' | 'call'
  /** Whether the link lets nobody in from now on. */
  readonly isInvitationEnded: boolean
  /** Whether so many sessions are remembered, as removed or met, that nobody else comes in: make a new link. spec R107 */
  readonly isFull: boolean
  /** Whether the owner said two different things at once, as from two devices: it settles this with the next word. */
  readonly isConflicting: boolean
  /** Those who ask to be let in, the first one first; at most 64. */
  readonly asking: readonly Asking[]
  /** The participants whose persons are hosts, or the owner. */
  readonly hosts: readonly ParticipantId[]
}

/** `before` itself if nothing changed. */
export function nextView(
  before: AuthorityView | undefined,
  { admission, control }: { readonly admission: Admission; readonly control: RoomControl },
): AuthorityView {
  const { authority, standing, asking } = admission
  const now: AuthorityView = {
    standing,
    role: control.role,
    number: authority?.number ?? 0,
    rule: authority?.rule ?? 'open',
    history: authority?.history ?? 'none',
    isInvitationEnded: authority?.isInvitationEnded ?? false,
    isFull: admission.isFull,
    isConflicting: authority?.isConflicting ?? false,
    asking: asking.all,
    hosts: sameOrNew(before?.hosts, admission.hosts),
  }
  const names = Object.keys(now) as (keyof AuthorityView)[]
  const isSame = before !== undefined && names.every((name) => before[name] === now[name])
  return isSame ? before : Object.freeze(now)
}

/** Reports the changes between two views that have events. */
export function emitAuthority(
  events: Pick<Emitter<AuthorityEvents>, 'emit'>,
  before: AuthorityView,
  { standing, rule, isInvitationEnded }: AuthorityView,
): void {
  if (standing !== before.standing) events.emit('standingChanged', { standing })
  if (rule !== before.rule || isInvitationEnded !== before.isInvitationEnded) {
    events.emit('ruleChanged', { rule, isInvitationEnded })
  }
}

/** The events of a view. */
interface AuthorityEvents {
  readonly standingChanged: { readonly standing: Standing }
  readonly ruleChanged: { readonly rule: RoomRule; readonly isInvitationEnded: boolean }
}

const sameOrNew = (
  before: readonly ParticipantId[] | undefined,
  now: readonly ParticipantId[],
): readonly ParticipantId[] =>
  before?.join() === now.join() && before !== undefined ? before : Object.freeze(now)
