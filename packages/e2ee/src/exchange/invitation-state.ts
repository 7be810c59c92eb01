import {
  concatBytes,
  decodeBase64Url,
  decodeText,
  encodeBase64Url,
  textToBytes,
} from '@conclave/base'
import type { RecordFormat } from '@conclave/base'
import { decodeTime, timeToBytes } from './time.ts'

/** Invitations of a book that have not expired, at most. spec E25 */
export const MAX_INVITATIONS = 256

/** One invitation in a book, in one of the states of spec E24. */
export type HeldInvitation = {
  readonly room: string
  readonly expiresAt: number
} & (
  | { readonly state: 'open'; readonly requestKey: Uint8Array<ArrayBuffer> }
  | { readonly state: 'used' }
  | { readonly state: 'revoked' }
)

/** All invitations of a book, by their id. */
export type InvitationState = ReadonlyMap<string, HeldInvitation>

/** The state without expired invitations: each change forgets them. */
export function withoutExpired(state: InvitationState, now: number): Map<string, HeldInvitation> {
  return new Map([...state].filter(([, { expiresAt }]) => expiresAt > now))
}

/** The state with one invitation used or revoked: its key is gone. */
export function close(
  state: InvitationState,
  { id, as, now }: { readonly id: string; readonly as: 'used' | 'revoked'; readonly now: number },
): InvitationState {
  const next = withoutExpired(state, now)
  const held = next.get(id)
  if (held === undefined) return next
  return next.set(id, { room: held.room, expiresAt: held.expiresAt, state: as })
}

/** `u8 1 ‖ u16 count`, then for each `u8 state ‖ id(16) ‖ key(32) ‖ u64 expiry ‖ u8 n ‖ room`. spec E25 */
export const INVITATION_FORMAT: RecordFormat<InvitationState> = {
  maxBytes: 2 ** 20,
  empty: () => new Map(),
  encode: (invitations) => {
    const entries = [...invitations].map(([id, held]) => {
      const room = textToBytes(held.room)
      const key = held.state === 'open' ? held.requestKey : new Uint8Array(KEY_BYTES)
      return concatBytes(
        ...[[STATES.indexOf(held.state)], decodeBase64Url(id) ?? [], key],
        ...[timeToBytes(held.expiresAt), [room.length], room],
      )
    })
    return concatBytes([1, invitations.size >> 8, invitations.size & 255], ...entries)
  },
  decode: (bytes) => {
    const count = ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
    if (bytes[0] !== 1 || bytes.length < HEAD_BYTES || count > MAX_INVITATIONS) return undefined
    const invitations = new Map<string, HeldInvitation>()
    let at = HEAD_BYTES
    while (invitations.size < count) {
      const roomAt = at + ENTRY_BYTES
      const end = roomAt + (bytes[roomAt - 1] ?? 0)
      if (end > bytes.length || end === roomAt) return undefined
      const id = encodeBase64Url(bytes.slice(at + 1, at + 17))
      const requestKey = new Uint8Array(bytes.subarray(at + 17, at + 17 + KEY_BYTES))
      const expiresAt = decodeTime(bytes, at + 17 + KEY_BYTES)
      const room = decodeText(bytes, roomAt, end)
      const state = STATES[bytes[at] ?? STATES.length]
      if (expiresAt === undefined || room === undefined || state === undefined) return undefined
      if (invitations.has(id)) return undefined
      const held = { room, expiresAt }
      invitations.set(id, state === 'open' ? { ...held, state, requestKey } : { ...held, state })
      at = end
    }
    return at === bytes.length ? invitations : undefined
  },
}

const STATES = ['open', 'used', 'revoked'] as const
const HEAD_BYTES = 3
const KEY_BYTES = 32
/** Up to the room. */
const ENTRY_BYTES: number = 1 + 16 + KEY_BYTES + 8 + 1
