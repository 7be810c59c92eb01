import { E2eeError } from './errors.ts'
import { readBytes } from './outside-bytes.ts'
import type { ReplayStorage } from './events/replay-guard.ts'

/** How a state becomes the bytes of a record, and back. */
export interface RecordFormat<T> {
  encode(state: T): Uint8Array<ArrayBuffer>
  /** `undefined`, not throws, for other bytes. */
  decode(bytes: Uint8Array): T | undefined
  empty(): T
}

/**
 * One record in a storage under compare-and-swap, read anew for each change: several pages change it, each on
 * top of what the others did. Without a storage it lives as long as this object.
 */
export class StoredRecord<T> {
  readonly #storage: ReplayStorage
  readonly #format: RecordFormat<T>
  #last: Promise<unknown> = Promise.resolve()

  /** @throws TypeError */
  constructor(format: RecordFormat<T>, storage: ReplayStorage | undefined) {
    if (
      storage !== undefined &&
      typeof (storage as Partial<ReplayStorage> | null)?.write !== 'function'
    ) {
      throw new TypeError('"storage" expected an object with read and write')
    }
    this.#format = format
    this.#storage = storage ?? new MemoryRecord()
  }

  /** The state as it is stored. @throws E2eeError `ERR_E2EE_STORAGE` */
  async read(): Promise<T> {
    return (await this.#load()).state
  }

  /**
   * Applies `change` to what is stored, and again to what another page stored meanwhile; answers what it answers
   * when the outcome is written down. A change that answers no `state` writes nothing.
   *
   * @throws E2eeError `ERR_E2EE_STORAGE`, and whatever the storage throws
   */
  update<R>(change: (state: T) => { readonly state?: T; readonly result: R }): Promise<R> {
    const work = this.#last.then(() => this.#apply(change))
    this.#last = work.catch(() => {})
    return work
  }

  async #apply<R>(change: (state: T) => { readonly state?: T; readonly result: R }): Promise<R> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { state: stored, version } = await this.#load()
      const { state, result } = change(stored)
      if (state === undefined) return result
      const written = await this.#storage.write(this.#format.encode(state), version)
      if (written !== undefined) return result
    }
    throw new E2eeError(
      'ERR_E2EE_STORAGE',
      { reason: 'conflict' },
      { message: 'the storage kept changing' },
    )
  }

  async #load(): Promise<{ readonly state: T; readonly version: string | undefined }> {
    const stored = await this.#storage.read()
    if (stored === undefined) return { state: this.#format.empty(), version: undefined }
    const bytes = readBytes(stored.bytes, { min: 1, max: MAX_RECORD_BYTES })
    const state = bytes && this.#format.decode(bytes)
    if (state !== undefined) return { state, version: stored.version }
    throw new E2eeError(
      'ERR_E2EE_STORAGE',
      { reason: 'damaged' },
      { message: 'the storage holds something else' },
    )
  }
}

/** Only one object uses it, one change after the other. */
class MemoryRecord implements ReplayStorage {
  #stored: { readonly bytes: Uint8Array; readonly version: string } | undefined

  async read(): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined> {
    return this.#stored
  }

  async write(bytes: Uint8Array): Promise<string> {
    this.#stored = { bytes, version: 'held' }
    return this.#stored.version
  }
}

const MAX_ATTEMPTS = 8
/** Longer than any record of this package. */
const MAX_RECORD_BYTES: number = 2 ** 20
