import {
  ByteReader,
  concatBytes,
  decodeBase64Url,
  decodeText,
  encodeBase64Url,
  textToBytes,
  withLength,
} from '@conclave/base'
import type { RecordFormat } from '@conclave/base'
import { bytesToIdentity, IDENTITY_BYTES } from './exchange-identity.ts'
import { timeToBytes } from './time.ts'

/** Invitations of a book that have not expired, at most. spec E25 */
export const MAX_INVITATIONS = 256

/** One invitation in a book, in one of the states of spec E24. */
export type HeldInvitation = { readonly room: string; readonly expiresAt: number } & (
  | { readonly state: 'open'; readonly requestKey: Uint8Array<ArrayBuffer> }
  | ({ readonly state: 'accepted' } & HeldInvitee)
  | ({ readonly state: 'answered'; readonly answer: Uint8Array<ArrayBuffer> } & HeldInvitee)
  | { readonly state: 'revoked' }
)

/** The person who was accepted. */
export interface HeldInvitee {
  /** Opens a request that comes again. */
  readonly requestKey: Uint8Array<ArrayBuffer>
  /** The bytes of the identity that was accepted. */
  readonly invitee: Uint8Array<ArrayBuffer>
}

/** All invitations of a book, by their id. */
export type InvitationState = ReadonlyMap<string, HeldInvitation>

/** The state without expired invitations: each change forgets them. */
export function withoutExpired(state: InvitationState, now: number): Map<string, HeldInvitation> {
  return new Map([...state].filter(([, { expiresAt }]) => expiresAt > now))
}

/** An invitation with a request key. Everything else is the reason why there is none. spec E24 */
export function findInvitation(
  state: InvitationState,
  { id, now }: { readonly id: string; readonly now: number },
): Exclude<HeldInvitation, { state: 'revoked' }> | 'unknown' | 'revoked' | 'expired' {
  const held = state.get(id)
  if (held === undefined) return 'unknown'
  if (held.state === 'revoked') return held.state
  return held.expiresAt <= now ? 'expired' : held
}

/**
 * `u8 2 ‖ u16 count`, then for each `u8 state ‖ id(16) ‖ key(32) ‖ u64 expiry ‖ u8 n ‖ room`, and `invitee(64)` and
 * `lp(answer)` where the state has them. spec E25
 */
export const INVITATION_FORMAT: RecordFormat<InvitationState> = {
  maxBytes: 2 ** 20,
  empty: () => new Map(),
  encode: (invitations) => {
    const entries = [...invitations].map(([id, held]) => {
      const room = textToBytes(held.room)
      const key = held.state === 'revoked' ? new Uint8Array(KEY_BYTES) : held.requestKey
      return concatBytes(
        ...[[STATES.indexOf(held.state)], decodeBase64Url(id) ?? [], key],
        ...[timeToBytes(held.expiresAt), [room.length], room],
        'invitee' in held ? held.invitee : [],
        held.state === 'answered' ? withLength(held.answer) : [],
      )
    })
    return concatBytes([2, invitations.size >> 8, invitations.size & 255], ...entries)
  },
  decode: (bytes) => {
    const reader = new ByteReader(bytes)
    const [version, count] = [reader.uint(1), reader.uint(2)]
    if (version !== 2 || count > MAX_INVITATIONS) return undefined
    const invitations = new Map<string, HeldInvitation>()
    while (invitations.size < count) {
      const state = STATES[reader.uint(1)]
      const id = encodeBase64Url(reader.take(16))
      const held = readInvitation(reader, state)
      if (!reader.ok || held === undefined || invitations.has(id)) return undefined
      invitations.set(id, held)
    }
    return reader.left === 0 ? invitations : undefined
  },
}

function readInvitation(
  reader: ByteReader,
  state: HeldInvitation['state'] | undefined,
): HeldInvitation | undefined {
  const requestKey = reader.copy(KEY_BYTES)
  const expiresAt = reader.uint(8)
  const room = decodeText(reader.take(reader.uint(1)), 0)
  if (state === undefined || room === undefined || room === '') return undefined
  if (state === 'revoked') return { room, expiresAt, state }
  if (state === 'open') return { room, expiresAt, state, requestKey }
  const invitee = reader.copy(IDENTITY_BYTES)
  if (bytesToIdentity(invitee) === undefined) return undefined
  if (state === 'accepted') return { room, expiresAt, state, requestKey, invitee }
  const answer = reader.copy(reader.uint(2))
  return answer.length === 0 ? undefined : { room, expiresAt, state, requestKey, invitee, answer }
}

const STATES: readonly HeldInvitation['state'][] = ['open', 'accepted', 'answered', 'revoked']
const KEY_BYTES = 32
