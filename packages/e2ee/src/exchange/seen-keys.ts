import { concatBytes, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { RecordChange, RecordFormat, RecordStorage, StoredRecord } from '@conclave/base'
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

  /**
   * @param options.storage where it remembers what was opened. `'none'`: it forgets with the page, and after a reload a key that has
   *   not expired opens again
   * @throws TypeError
   */
  constructor({ storage }: { readonly storage: RecordStorage | 'none' }) {
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
  readonly countBySender: ReadonlyMap<string, number>
}

function admitInto(
  state: SeenState,
  { message, now }: { readonly message: AdmittedKey; readonly now: number },
): RecordChange<SeenState, SeenRefusal | undefined> {
  if (state.messageById.has(message.id)) return { result: 'replay' }
  if (message.expiresAt <= state.forgottenUntil) return { result: 'forgotten' }
  const oldest = oldestInTheWay(state, message.senderId)
  if (oldest !== undefined && oldest.expiresAt > now) return { result: 'too-many' }
  if (oldest !== undefined && message.expiresAt <= oldest.expiresAt) return { result: 'forgotten' }
  const next = new SeenMessages(state)
  next.add(message)
  return { state: next, entry: encodeMessage(message), result: undefined }
}

/** The message that goes for one more of a sender; `undefined` where there is room. A sender makes room among its own, unless all have no room. */
function oldestInTheWay(
  { messageById, countBySender }: SeenState,
  senderId: string,
): AdmittedKey | undefined {
  const isOwnFull = (countBySender.get(senderId) ?? 0) >= MAX_SEEN_KEYS_OF_SENDER
  if (!isOwnFull && messageById.size < MAX_SEEN_KEYS) return undefined
  let oldest: AdmittedKey | undefined
  for (const [id, seen] of messageById) {
    if (isOwnFull && seen.senderId !== senderId) continue
    if (oldest === undefined || seen.expiresAt < oldest.expiresAt) oldest = { id, ...seen }
  }
  return oldest
}

/** A state that grows. */
class SeenMessages implements SeenState {
  readonly messageById: Map<string, SeenMessage>
  readonly countBySender: Map<string, number>
  forgottenUntil: number

  get [Symbol.toStringTag](): string {
    return 'SeenMessages'
  }

  constructor({ forgottenUntil, messageById, countBySender }: SeenState) {
    this.forgottenUntil = forgottenUntil
    this.messageById = new Map(messageById)
    this.countBySender = new Map(countBySender)
  }

  /** Remembers a message, and forgets the one that goes for it. */
  add({ id, senderId, expiresAt }: AdmittedKey): void {
    const oldest = oldestInTheWay(this, senderId)
    if (oldest !== undefined) {
      this.forgottenUntil = Math.max(this.forgottenUntil, oldest.expiresAt)
      this.messageById.delete(oldest.id)
      this.#count(oldest.senderId, -1)
    }
    this.messageById.set(id, { senderId, expiresAt })
    this.#count(senderId, 1)
  }

  #count(senderId: string, by: 1 | -1): void {
    const count = (this.countBySender.get(senderId) ?? 0) + by
    if (count > 0) this.countBySender.set(senderId, count)
    else this.countBySender.delete(senderId)
  }
}

const EMPTY: SeenState = { forgottenUntil: 0, messageById: new Map(), countBySender: new Map() }
const ID_BYTES = 16
const HEAD_BYTES = 11
const ENTRY_BYTES: number = 2 * ID_BYTES + 8

/** `u8 2 ‖ u64 forgotten until ‖ u16 count`, then for each `id(16) ‖ sender(16) ‖ u64 expiry`; then those that were added. spec E16 */
const FORMAT: RecordFormat<SeenState> = {
  // What was added is never longer than the rest, or than a minimum.
  maxBytes: 2 * (HEAD_BYTES + MAX_SEEN_KEYS * ENTRY_BYTES),
  empty: () => EMPTY,
  encode: ({ forgottenUntil, messageById }) => {
    const bytes = new Uint8Array(HEAD_BYTES + messageById.size * ENTRY_BYTES)
    const { size } = messageById
    bytes.set(concatBytes([2], timeToBytes(forgottenUntil), [size >> 8, size & 255]))
    let at = HEAD_BYTES
    for (const [id, seen] of messageById) {
      bytes.set(encodeMessage({ id, ...seen }), at)
      at += ENTRY_BYTES
    }
    return bytes
  },
  decode: (bytes) => {
    if (bytes.length < HEAD_BYTES || bytes[0] !== 2) return undefined
    const forgottenUntil = decodeTime(bytes, 1)
    const count = ((bytes[9] ?? 0) << 8) | (bytes[10] ?? 0)
    if (forgottenUntil === undefined || count > MAX_SEEN_KEYS) return undefined
    const end = HEAD_BYTES + count * ENTRY_BYTES
    if (bytes.length < end || (bytes.length - end) % ENTRY_BYTES !== 0) return undefined
    const state = new SeenMessages({ ...EMPTY, forgottenUntil })
    for (let at = HEAD_BYTES; at < bytes.length; at += ENTRY_BYTES) {
      const message = decodeMessage(bytes, at)
      if (message === undefined || state.messageById.has(message.id)) return undefined
      state.add(message)
    }
    return state
  },
}

function encodeMessage({ id, senderId, expiresAt }: AdmittedKey): Uint8Array<ArrayBuffer> {
  const names = [decodeBase64Url(id) ?? [], decodeBase64Url(senderId) ?? []]
  return concatBytes(...names, timeToBytes(expiresAt))
}

function decodeMessage(bytes: Uint8Array<ArrayBuffer>, at: number): AdmittedKey | undefined {
  const expiresAt = decodeTime(bytes, at + 2 * ID_BYTES)
  if (expiresAt === undefined) return undefined
  const [id = '', senderId = ''] = [at, at + ID_BYTES].map((from) =>
    encodeBase64Url(bytes.slice(from, from + ID_BYTES)),
  )
  return { id, senderId, expiresAt }
}
