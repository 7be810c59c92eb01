import { concatBytes, decodeBase64Url, encodeBase64Url } from '@conclave/base'
import type { RecordFormat, RecordStorage, StoredRecord } from '@conclave/base'
import { createRecord } from '../core/stored-record.ts'
import { decodeTime, timeToBytes } from './time.ts'

/** Bound of the messages that are remembered. spec E16 */
export const MAX_SEEN_KEYS = 4096

/** The name of one message, and how long it must be remembered. */
export interface AdmittedKey {
  /** Random, 22 characters. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Lets each message in once. */
export interface SeenGuard {
  /** Why the message is refused; `undefined` when it was not seen before, and now is. */
  admit(message: AdmittedKey, now: number): Promise<'replay' | 'too-many' | undefined>
}

/**
 * Remembers which sealed keys were opened, until they expire: the `seen` of `openKey`. With a storage that outlives the
 * page it remembers them after a reload too, and for all pages that share it. When it is full it refuses all others until
 * one expires. spec E16
 */
export class SeenKeys implements SeenGuard {
  readonly #record: StoredRecord<ReadonlyMap<string, number>>

  get [Symbol.toStringTag](): string {
    return 'SeenKeys'
  }

  /** @throws TypeError */
  constructor({ storage }: { readonly storage?: RecordStorage } = {}) {
    this.#record = createRecord(FORMAT, storage)
  }

  /** For `openKey`. @throws E2eeError `ERR_E2EE_STORAGE` */
  admit({ id, expiresAt }: AdmittedKey, now: number): Promise<'replay' | 'too-many' | undefined> {
    return this.#record.update((seen) => {
      if (seen.has(id)) return { result: 'replay' }
      const state = new Map([...seen].filter(([, until]) => until > now))
      if (state.size >= MAX_SEEN_KEYS) return { result: 'too-many' }
      return { state: state.set(id, expiresAt), result: undefined }
    })
  }
}

const ID_BYTES = 16
const ENTRY_BYTES: number = ID_BYTES + 8

/** `u8 1 ‖ u16 count`, then for each `id(16) ‖ u64 expiry`. spec E16 */
const FORMAT: RecordFormat<ReadonlyMap<string, number>> = {
  maxBytes: 3 + MAX_SEEN_KEYS * ENTRY_BYTES,
  empty: () => new Map(),
  encode: (seen) => {
    const entries = [...seen].map(([id, expiresAt]) =>
      concatBytes(decodeBase64Url(id) ?? [], timeToBytes(expiresAt)),
    )
    return concatBytes([1, seen.size >> 8, seen.size & 255], ...entries)
  },
  decode: (bytes) => {
    const count = ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
    if (bytes[0] !== 1 || bytes.length !== 3 + count * ENTRY_BYTES) return undefined
    const seen = new Map<string, number>()
    for (let at = 3; at < bytes.length; at += ENTRY_BYTES) {
      const expiresAt = decodeTime(bytes, at + ID_BYTES)
      if (expiresAt === undefined) return undefined
      seen.set(encodeBase64Url(bytes.slice(at, at + ID_BYTES)), expiresAt)
    }
    return seen.size === count && count <= MAX_SEEN_KEYS ? seen : undefined
  },
}
