import { checkText, copyBytes, equalBytes } from '@conclave/base'
import type { RecordStorage, StoredRecord } from '@conclave/base'
import { randomBytes, wipe } from '@conclave/crypto'
import { E2eeError } from '../errors.ts'
import { identityToBytes } from './exchange-identity.ts'
import { checkKeys } from './exchange-keys.ts'
import type { ExchangeKeys } from './exchange-keys.ts'
import {
  deriveInvitationKeys,
  Invitation,
  INVITATION_SECRET_BYTES,
  MAX_INVITATION_ROOM_BYTES,
} from './invitation.ts'
import { answerPurpose } from './invitation-answer.ts'
import { openRequest, decodeRequest } from './invitation-request.ts'
import {
  answeredOf,
  inviteeOf,
  MAX_ANSWER_KEY_BYTES,
  outcomeOf,
  refused,
  repeatAnswer,
} from './invitation-outcome.ts'
import type { AcceptedOrRefused, AnsweredOrRefused, InvitationEntry } from './invitation-outcome.ts'
import {
  findInvitation,
  INVITATION_FORMAT,
  MAX_INVITATIONS,
  withoutExpired,
} from './invitation-state.ts'
import type { HeldInvitation, InvitationState } from './invitation-state.ts'
import { createRecord } from '../core/stored-record.ts'
import { sealKey } from './seal-key.ts'
import type { SealKeyOptions } from './seal-key.ts'
import { checkTime } from './time.ts'

/** The longest that an invitation may be good for, in milliseconds: 90 days. spec E20 */
export const MAX_INVITATION_MS: number = 90 * 24 * 60 * 60 * 1000

/** How an invitation is answered. */
export type AnswerOptions = Omit<SealKeyOptions, 'from' | 'to' | 'room' | 'purpose'> & {
  /** The id of the invitation, of a result of `accept` or an entry of `list`. */
  readonly invitation: string
  /** The time in milliseconds since 1970: `Date.now()`. */
  readonly now: number
}

/**
 * The invitations of one inviter: each accepts one invitee and gives it one answer, until it expires or is revoked. With a storage that outlives
 * the page this holds after a reload too, and for all pages that share it: an invitee is stored before it is accepted, and an answer before
 * it is returned. You must keep the storage as private as your keys: everyone who can read it can take the place of an invitee while the
 * invitation is open.
 */
export class InvitationBook {
  readonly #keys: ExchangeKeys
  readonly #record: StoredRecord<InvitationState>

  get [Symbol.toStringTag](): string {
    return 'InvitationBook'
  }

  /**
   * @param options.storage where the book keeps its invitations. `'none'`: it forgets with the page, and after a reload nobody is accepted
   *   or answered
   * @throws TypeError
   */
  constructor({
    keys,
    storage,
  }: {
    readonly keys: ExchangeKeys
    readonly storage: RecordStorage | 'none'
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
   * Accepts a request, of one invitee for each invitation. Resolves to `refused`, never rejects, whatever the bytes are;
   * they are read before the call returns. Then call {@link InvitationBook.answer}. When that invitee asks again the result is `accepted`
   * again until the invitation is answered, and `answered` from then on: send it the answer again.
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
    const held = findInvitation(await this.#record.read(), { id, now })
    if (typeof held === 'string') return refused(held)
    if (room !== undefined && room !== held.room) return refused('other-room')
    const details = { inviter: this.#keys.identity, room: held.room, expiresAt: held.expiresAt }
    const requestKey = new Uint8Array(held.requestKey)
    const isSame = request.expiresAt === held.expiresAt
    const opening = { details, requestKey, agreementKey }
    const identity = isSame ? await openRequest(request, opening) : undefined
    if (identity === undefined) return refused('not-authentic')
    const invitee = identityToBytes('invitee', identity)
    // Looked up again in the step that stores it: of any number of invitees one is accepted.
    return this.#record.update((stored): { state?: InvitationState; result: AcceptedOrRefused } => {
      const current = findInvitation(stored, { id, now })
      if (typeof current === 'string') return { result: refused(current) }
      if (current.state === 'open') {
        const accepted = { ...current, state: 'accepted', invitee } as const
        const state = withoutExpired(stored, now).set(id, accepted)
        return { state, result: outcomeOf(id, accepted) }
      }
      const isInvitee = equalBytes(current.invitee, invitee)
      return { result: isInvitee ? outcomeOf(id, current) : refused('used') }
    })
  }

  /**
   * Answers an accepted invitation: seals the room's key to its invitee. Resolves once the answer is stored, to the bytes to send; to the
   * bytes of the first answer where there is one already, so that nobody gets a later key for asking again.
   *
   * @param key 1 to 1,024 bytes; copied, zero your copy
   * @param options.expiresAt when it is too late to open the answer: at best when the invitation expires
   * @throws TypeError, RangeError that name the argument
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED`
   * @throws E2eeError `ERR_E2EE_STORAGE`: nothing was answered then; `ERR_E2EE_CLOSED`
   */
  async answer(
    key: Uint8Array,
    { invitation: id, now, ...options }: AnswerOptions,
  ): Promise<AnsweredOrRefused> {
    const purpose = answerPurpose(id)
    checkTime('now', now)
    const copy = copyBytes('key', key)
    if (copy.length > MAX_ANSWER_KEY_BYTES) {
      throw new RangeError(`"key" expected 1 to ${MAX_ANSWER_KEY_BYTES} bytes, got ${copy.length}`)
    }
    try {
      const held = findInvitation(await this.#record.read(), { id, now })
      if (typeof held === 'string') return refused(held)
      if (held.state !== 'accepted') return repeatAnswer(id, held)
      const to = inviteeOf(held)
      const sealing = { ...options, from: this.#keys, to, room: held.room, purpose }
      const answer = await sealKey(copy, sealing)
      return await this.#record.update(
        (stored): { state?: InvitationState; result: AnsweredOrRefused } => {
          const current = findInvitation(stored, { id, now })
          if (typeof current === 'string') return { result: refused(current) }
          if (current.state !== 'accepted') return { result: repeatAnswer(id, current) }
          const answered = { ...current, state: 'answered', answer } as const
          const state = withoutExpired(stored, now).set(id, answered)
          return { state, result: answeredOf(id, answered) }
        },
      )
    } finally {
      wipe(copy)
    }
  }

  /**
   * Revokes an invitation: nobody is accepted, and no answer is given again. Resolves to `false` when there is none, or it expired or was revoked. An answer
   * that was sent already stays with the invitee: change the room's key.
   */
  async revoke(id: string, { now }: { readonly now: number }): Promise<boolean> {
    checkTime('now', now)
    return this.#record.update((stored): { state?: InvitationState; result: boolean } => {
      const held = findInvitation(stored, { id, now })
      if (typeof held === 'string') return { result: false }
      const revoked = { room: held.room, expiresAt: held.expiresAt, state: 'revoked' } as const
      return { state: withoutExpired(stored, now).set(id, revoked), result: true }
    })
  }

  /**
   * All invitations that the book remembers; it forgets expired ones with the next change. Those that are `accepted` wait for an answer: also of a page that
   * ended before it gave one.
   */
  async list({ now }: { readonly now: number }): Promise<readonly InvitationEntry[]> {
    checkTime('now', now)
    return [...(await this.#record.read())].map(([id, held]) => {
      const { room, expiresAt, state } = held
      const isExpired = state !== 'revoked' && expiresAt <= now
      return {
        ...{ id, room, expiresAt, state: isExpired ? 'expired' : state },
        ...('invitee' in held && { invitee: inviteeOf(held) }),
      }
    })
  }
}
