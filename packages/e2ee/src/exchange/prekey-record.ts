import { concatBytes, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { RecordFormat } from '@conclave/base'
import { PREKEY_ID_BYTES, PREKEY_USES } from './prekey-message.ts'
import type { PrekeyUse } from './prekey-message.ts'
import { decodeTime, timeToBytes } from './time.ts'

/** Prekeys of a book that have not expired, at most. spec E18 */
export const MAX_PREKEYS = 256

/** Length of the seed of a prekey in bytes. spec E18 */
export const PREKEY_SEED_BYTES = 32

/** One prekey in a book, in one of the states of spec E18. */
export type HeldPrekey = { readonly use: PrekeyUse; readonly expiresAt: number } & (
  | { readonly state: 'open'; readonly seed: Uint8Array<ArrayBuffer> }
  | { readonly state: 'used' }
)

/** All prekeys of a book, by their id. */
export type PrekeyState = ReadonlyMap<string, HeldPrekey>

/** The state without expired prekeys: each change forgets them. */
export function withoutExpired(state: PrekeyState, now: number): Map<string, HeldPrekey> {
  return new Map([...state].filter(([, { expiresAt }]) => expiresAt > now))
}

/**
 * The state with these prekeys added, in the place of used ones where it is full. Returns `undefined` where there is no
 * room for all of them. spec E18
 */
export function withAdded(
  state: Map<string, HeldPrekey>,
  added: ReadonlyMap<string, HeldPrekey>,
): PrekeyState | undefined {
  const used = [...state]
    .filter(([, { state: held }]) => held === 'used')
    .sort(([, one], [, other]) => one.expiresAt - other.expiresAt)
  const excess = Math.max(0, state.size + added.size - MAX_PREKEYS)
  if (excess > used.length) return undefined
  for (const [id] of used.slice(0, excess)) state.delete(id)
  return new Map([...state, ...added])
}

/** `u8 1 ‖ u8 KEM ‖ u16 count`, then for each `u8 state ‖ u8 use ‖ id(16) ‖ seed(32) ‖ u64 expiry`. spec E18 */
export const prekeyFormat = (kem: number): RecordFormat<PrekeyState> => ({
  maxBytes: HEAD_BYTES + MAX_PREKEYS * ENTRY_BYTES,
  empty: () => new Map(),
  encode: (prekeys) => {
    const entries = [...prekeys].map(([id, held]) => {
      const seed = held.state === 'open' ? held.seed : new Uint8Array(PREKEY_SEED_BYTES)
      const kind = [STATES.indexOf(held.state), 1 + PREKEY_USES.indexOf(held.use)]
      return concatBytes(kind, decodeBase64Url(id) ?? [], seed, timeToBytes(held.expiresAt))
    })
    return concatBytes([1, kem, prekeys.size >> 8, prekeys.size & 255], ...entries)
  },
  decode: (bytes) => {
    const count = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
    if (bytes[0] !== 1 || bytes[1] !== kem || count > MAX_PREKEYS) return undefined
    if (bytes.length !== HEAD_BYTES + count * ENTRY_BYTES) return undefined
    const prekeys = new Map<string, HeldPrekey>()
    for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES) {
      const state = STATES[bytes[at] ?? STATES.length]
      const use = PREKEY_USES[(bytes[at + 1] ?? 0) - 1]
      const id = encodeBase64Url(bytes.slice(at + 2, at + SEED_AT))
      const seed = bytes.slice(at + SEED_AT, at + EXPIRY_AT)
      const expiresAt = decodeTime(bytes, at + EXPIRY_AT)
      if (state === undefined || use === undefined || expiresAt === undefined) return undefined
      const held = { use, expiresAt }
      prekeys.set(id, state === 'open' ? { ...held, state, seed } : { ...held, state })
    }
    return prekeys.size === count ? prekeys : undefined
  },
})

const STATES = ['open', 'used'] as const
const HEAD_BYTES = 4
const SEED_AT: number = 2 + PREKEY_ID_BYTES
const EXPIRY_AT: number = SEED_AT + PREKEY_SEED_BYTES
const ENTRY_BYTES: number = EXPIRY_AT + 8
