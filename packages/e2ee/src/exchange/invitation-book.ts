import { checkText } from '@conclave/base'
import type { RecordStorage, StoredRecord } from '@conclave/base'
import { randomBytes, wipe } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import type { ExchangeIdentity } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import {
  deriveInvitationKeys,
  Invitation,
  INVITATION_SECRET_BYTES,
  MAX_INVITATION_ROOM_BYTES,
} from './invitation.ts'
import { openRequest, decodeRequest } from './invitation-request.ts'
import { close, INVITATION_FORMAT, MAX_INVITATIONS, withoutExpired } from './invitation-state.ts'
import type { HeldInvitation, InvitationState } from './invitation-state.ts'
import { createRecord } from '../core/stored-record.ts'
import { checkTime } from './time.ts'

/** The longest that an invitation may be good for, in milliseconds: 90 days. spec E20 */
export const MAX_INVITATION_MS: number = 90 * 24 * 60 * 60 * 1000

/** One invitation, as the inviter sees it. */
export interface InvitationEntry {
  readonly id: string
  readonly room: string
  readonly expiresAt: number
  readonly state: 'open' | 'used' | 'revoked' | 'expired'
}

/** The result of a request: accepted once, or refused with a reason. spec E23 */
export type AcceptedOrRefused =
  | {
      readonly type: 'accepted'
      /** The id of the invitation, which is used up. */
      readonly invitation: string
      readonly room: string
      /** The identity that asked: it proved that it has both private keys. You may compare the `safetyNumber` before you answer. */
      readonly invitee: ExchangeIdentity
    }
  | {
      readonly type: 'refused'
      readonly reason:
        | 'malformed'
        | 'unknown'
        | 'used'
        | 'revoked'
        | 'expired'
        | 'other-room'
        | 'not-authentic'
    }

/**
 * The invitations of one inviter: each is accepted once, until it expires or is revoked. With a storage that outlives
 * the page this holds after a reload too, and for all pages that share it: a use is stored before it is accepted. You
 * must keep the storage as private as your keys: everyone who can read it can take the place of an invitee while the
 * invitation is open.
 */
export class InvitationBook {
  readonly #keys: ExchangeKeys
  readonly #record: StoredRecord<InvitationState>

  get [Symbol.toStringTag](): string {
    return 'InvitationBook'
  }

  /** @throws TypeError */
  constructor({
    keys,
    storage,
  }: {
    readonly keys: ExchangeKeys
    readonly storage?: RecordStorage
  }) {
    this.#keys = checkKeys('keys', keys)
    this.#record = createRecord(INVITATION_FORMAT, storage)
  }

  /**
   * Makes a new invitation; resolves once it is stored.
   *
   * @param options.expiresAt after `now`, at most 90 days
   * @throws TypeError, RangeError that name the argument
   * @throws E2eeError `ERR_E2EE_TOO_MANY_INVITATIONS`, `ERR_E2EE_STORAGE`
   */
  async create({
    room,
    expiresAt,
    now,
  }: {
    readonly room: string
    readonly expiresAt: number
    readonly now: number
  }): Promise<{ readonly id: string; readonly invitation: Invitation }> {
    const lifetime = checkTime('expiresAt', expiresAt) - checkTime('now', now)
    if (lifetime <= 0 || lifetime > MAX_INVITATION_MS) {
      throw new RangeError(`"expiresAt" expected 1 to ${MAX_INVITATION_MS} after "now"`)
    }
    const secret = randomBytes(INVITATION_SECRET_BYTES)
    const inviter = this.#keys.identity
    const invitation = new Invitation(secret, { inviter, room, expiresAt })
    wipe(secret)
    const { id, requestKey } = await deriveInvitationKeys(invitation.unsafeExport())
    const held: HeldInvitation = { room, expiresAt, state: 'open', requestKey }
    await this.#record.update((stored) => {
      const state = withoutExpired(stored, now)
      if (state.size >= MAX_INVITATIONS) {
        throw new E2eeError('ERR_E2EE_TOO_MANY_INVITATIONS', { maxInvitations: MAX_INVITATIONS })
      }
      return { state: state.set(id, held), result: undefined }
    })
    return { id, invitation }
  }

  /**
   * Accepts a request, at most once for each invitation. Resolves to `refused`, never rejects, whatever the bytes are;
   * they are read before the call returns. Then answer with `sealInvitationAnswer`.
   *
   * @param options.room the only room whose invitations count; left out: all of the book
   * @throws TypeError, RangeError that name an argument of the caller's own
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   * @throws E2eeError `ERR_E2EE_STORAGE`: nothing was accepted then; `ERR_E2EE_CLOSED`
   */
  async accept(
    bytes: unknown,
    { now, room }: { readonly now: number; readonly room?: string },
  ): Promise<AcceptedOrRefused> {
    checkTime('now', now)
    const agreementKey = this.#keys.toStored().agreement.privateKey
    if (room !== undefined) {
      checkText('room', room, { min: 1, max: MAX_INVITATION_ROOM_BYTES })
    }
    const request = decodeRequest(bytes)
    if (request === undefined) return refused('malformed')
    const { id } = request
    if (request.expiresAt <= now) return refused('expired')
    const held = (await this.#record.read()).get(id)
    const refusal = refusalOf(held, { now, room })
    if (held?.state !== 'open' || refusal !== undefined) return refused(refusal ?? 'unknown')
    const details = { inviter: this.#keys.identity, room: held.room, expiresAt: held.expiresAt }
    const requestKey = new Uint8Array(held.requestKey)
    const isSame = request.expiresAt === held.expiresAt
    const opening = { details, requestKey, agreementKey }
    const invitee = isSame ? await openRequest(request, opening) : undefined
    if (invitee === undefined) return refused('not-authentic')
    // Checked again in the step that uses it up: of any number of requests one is accepted.
    return this.#record.update((stored): { state?: InvitationState; result: AcceptedOrRefused } => {
      const late = refusalOf(stored.get(id), { now, room })
      if (late !== undefined) return { result: refused(late) }
      return {
        state: close(stored, { id, as: 'used', now }),
        result: { type: 'accepted', invitation: id, room: held.room, invitee },
      }
    })
  }

  /** Revokes an invitation. Resolves to `false` when it is no longer open: an invitee that used it stays. */
  async revoke(id: string, { now }: { readonly now: number }): Promise<boolean> {
    checkTime('now', now)
    return this.#record.update((stored): { state?: InvitationState; result: boolean } => {
      if (refusalOf(stored.get(id), { now, room: undefined }) !== undefined)
        return { result: false }
      return { state: close(stored, { id, as: 'revoked', now }), result: true }
    })
  }

  /** All invitations that the book remembers; it forgets expired ones with the next change. */
  async list({ now }: { readonly now: number }): Promise<readonly InvitationEntry[]> {
    checkTime('now', now)
    return [...(await this.#record.read())].map(([id, { room, expiresAt, state }]) => ({
      ...{ id, room, expiresAt },
      state: state === 'open' && expiresAt <= now ? 'expired' : state,
    }))
  }
}

/** spec E23, E24 */
function refusalOf(
  held: HeldInvitation | undefined,
  { now, room }: { readonly now: number; readonly room: string | undefined },
): 'unknown' | 'used' | 'revoked' | 'expired' | 'other-room' | undefined {
  if (held === undefined) return 'unknown'
  if (held.state !== 'open') return held.state
  if (held.expiresAt <= now) return 'expired'
  return room === undefined || room === held.room ? undefined : 'other-room'
}

const refused = (
  reason: Extract<AcceptedOrRefused, { type: 'refused' }>['reason'],
): AcceptedOrRefused => ({ type: 'refused', reason })
