import { concatBytes, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { RecordFormat, RecordStorage, StoredRecord } from '@conclave/base'
import { createRecord } from '../core/stored-record.ts'
import { decodeTime, timeToBytes } from './time.ts'

/** Bound of the messages that are remembered. spec E16 */
export const MAX_SEEN_KEYS = 8192

/** Bound of those of one sender. spec E16 */
export const MAX_SEEN_KEYS_OF_SENDER = 256

/** The name of one message, its sender, and how long it must be remembered. */
export interface AdmittedKey {
  /** Random, 22 characters. */
  readonly id: string
  /** `identityId` of the sender. */
  readonly senderId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Why a message is refused: it was let in before, it may have been, or there are too many of its sender or of all. spec E16 */
export type SeenRefusal = 'replay' | 'forgotten' | 'too-many'

/** Lets each message in once. */
export interface SeenGuard {
  /** Why the message is refused; `undefined` when it was not seen before, and now is. */
  admit(message: AdmittedKey, now: number): Promise<SeenRefusal | undefined>
}

/**
 * Remembers which sealed keys were opened: the `seen` of `openKey`. With a storage that outlives the page it remembers them
 * after a reload too, and for all pages that share it. Forgets expired ones where it needs room, and refuses what it may have
 * forgotten: a clock that was wrong lets nothing in twice. spec E16
 */
export class SeenKeys implements SeenGuard {
  readonly #record: StoredRecord<SeenState>

  get [Symbol.toStringTag](): string {
    return 'SeenKeys'
  }

  /** @throws TypeError */
  constructor({ storage }: { readonly storage?: RecordStorage } = {}) {
    this.#record = createRecord(FORMAT, storage)
  }

  /** For `openKey`. @throws E2eeError `ERR_E2EE_STORAGE` */
  admit(message: AdmittedKey, now: number): Promise<SeenRefusal | undefined> {
    return this.#record.update((stored) => admitInto(stored, { message, now }))
  }
}

interface SeenMessage {
  readonly senderId: string
  readonly expiresAt: number
}

interface SeenState {
  /** Messages that expire by then may have been forgotten. */
  readonly forgottenUntil: number
  readonly messageById: ReadonlyMap<string, SeenMessage>
}

function admitInto(
  { forgottenUntil, messageById }: SeenState,
  { message, now }: { readonly message: AdmittedKey; readonly now: number },
): { readonly state?: SeenState; readonly result: SeenRefusal | undefined } {
  const { id, senderId, expiresAt } = message
  if (messageById.has(id)) return { result: 'replay' }
  if (expiresAt <= forgottenUntil) return { result: 'forgotten' }
  const own = [...messageById].filter(([, seen]) => seen.senderId === senderId)
  const isOwnFull = own.length >= MAX_SEEN_KEYS_OF_SENDER
  const kept = new Map(messageById).set(id, { senderId, expiresAt })
  if (!isOwnFull && messageById.size < MAX_SEEN_KEYS) {
    return { state: { forgottenUntil, messageById: kept }, result: undefined }
  }
  // A sender makes room among its own, unless all have no room.
  const [oldestId, oldest] = (isOwnFull ? own : [...messageById]).reduce((one, other) =>
    other[1].expiresAt < one[1].expiresAt ? other : one,
  )
  if (oldest.expiresAt > now) return { result: 'too-many' }
  const until = Math.max(forgottenUntil, oldest.expiresAt)
  if (expiresAt <= until) return { result: 'forgotten' }
  kept.delete(oldestId)
  return { state: { forgottenUntil: until, messageById: kept }, result: undefined }
}

const ID_BYTES = 16
const HEAD_BYTES = 11
const ENTRY_BYTES: number = 2 * ID_BYTES + 8

/** `u8 2 ‖ u64 forgotten until ‖ u16 count`, then for each `id(16) ‖ sender(16) ‖ u64 expiry`. spec E16 */
const FORMAT: RecordFormat<SeenState> = {
  maxBytes: HEAD_BYTES + MAX_SEEN_KEYS * ENTRY_BYTES,
  empty: () => ({ forgottenUntil: 0, messageById: new Map() }),
  encode: ({ forgottenUntil, messageById }) => {
    const bytes = new Uint8Array(HEAD_BYTES + messageById.size * ENTRY_BYTES)
    const { size } = messageById
    bytes.set(concatBytes([2], timeToBytes(forgottenUntil), [size >> 8, size & 255]))
    let at = HEAD_BYTES
    for (const [id, { senderId, expiresAt }] of messageById) {
      const names = [decodeBase64Url(id) ?? [], decodeBase64Url(senderId) ?? []]
      bytes.set(concatBytes(...names, timeToBytes(expiresAt)), at)
      at += ENTRY_BYTES
    }
    return bytes
  },
  decode: (bytes) => {
    if (bytes.length < HEAD_BYTES || bytes[0] !== 2) return undefined
    const forgottenUntil = decodeTime(bytes, 1)
    const count = ((bytes[9] ?? 0) << 8) | (bytes[10] ?? 0)
    if (forgottenUntil === undefined || count > MAX_SEEN_KEYS) return undefined
    if (bytes.length !== HEAD_BYTES + count * ENTRY_BYTES) return undefined
    const messageById = new Map<string, SeenMessage>()
    for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES) {
      const expiresAt = decodeTime(bytes, at + 2 * ID_BYTES)
      if (expiresAt === undefined) return undefined
      const [id = '', senderId = ''] = [at, at + ID_BYTES].map((from) =>
        encodeBase64Url(bytes.slice(from, from + ID_BYTES)),
      )
      messageById.set(id, { senderId, expiresAt })
    }
    return messageById.size === count ? { forgottenUntil, messageById } : undefined
  },
}
