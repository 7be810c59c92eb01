import { AddedBytes } from './added-bytes.ts'
import { concatBytes, decodeBytes } from './bytes.ts'
import { checkMethods } from './check.ts'
import { TaskQueue } from './task-queue.ts'

/** The content of a storage. */
export interface StoredBytes {
  /** A copy that belongs to the reader. */
  readonly bytes: Uint8Array
  /** Names this state of the storage: opaque, and another one after every write. */
  readonly version: string
}

/** A storage of one record, changed by compare-and-swap. Every `VaultStorage` of `@conclave/vault` is one. */
export interface RecordStorage {
  /** The content; `undefined` when there is none. */
  read(): Promise<StoredBytes | undefined>

  /**
   * Stores the bytes, durably, if the storage is still at `expected` (`undefined`: has no content), and returns the
   * new version; returns `undefined`, and changes nothing, if it is not.
   */
  write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined>

  /**
   * Adds bytes at the end of the content, durably, and all of them or none, if there is content and, where `expected` is given,
   * the storage is still at it. Returns the new version; returns `undefined`, and changes nothing, if not. Where a storage leaves
   * it out, each change writes the whole content.
   */
  append?(bytes: Uint8Array, expected?: string): Promise<string | undefined>
}

/** How a state becomes the bytes of a record, and back. */
export interface RecordFormat<T> {
  /** The length that no record of this format exceeds. */
  readonly maxBytes: number
  encode(state: T): Uint8Array<ArrayBuffer>
  /** Returns `undefined`, not throws, for bytes that are no record of this format. */
  decode(bytes: Uint8Array<ArrayBuffer>): T | undefined
  /** The state of a storage without content. */
  empty(): T
}

/** Why a record was not read or changed: it cannot be read, others kept changing it, or too many changes wait. */
export type RecordFailure = 'damaged' | 'conflict' | 'busy'

/** A format, and the error for each failure. */
export interface RecordOptions<T> {
  readonly format: RecordFormat<T>
  readonly failure: (reason: RecordFailure) => Error
}

/** A state as it was stored, with the version to write on top of; without a version nothing was stored. */
export interface LoadedRecord<T> {
  readonly state: T
  readonly version: string | undefined
  /** The length of the record; 0 when nothing was stored. */
  readonly byteLength: number
}

/** The result of a change, and what the change makes of the state; without a `state` nothing is written. */
export interface RecordChange<T, R> {
  readonly result: R
  readonly state?: T
  /** The difference, as the format decodes it at the end of a record: added there where the storage can. */
  readonly entry?: Uint8Array<ArrayBuffer>
}

/**
 * One record in a storage that several pages change, each on top of the others' writes. Without a storage the record
 * lives as long as this object. Changes of one object run one after the other; at most 1,024 wait.
 */
export class StoredRecord<T> {
  readonly #storage: RecordStorage
  readonly #options: RecordOptions<T>
  readonly #changes = new TaskQueue({ maxWaiting: MAX_WAITING_CHANGES })
  readonly #added = new AddedBytes()
  /** The state after the last change, where changes are added: the next one need not read the record again. */
  #known: Omit<LoadedRecord<T>, 'byteLength'> | undefined

  get [Symbol.toStringTag](): string {
    return 'StoredRecord'
  }

  /** @throws TypeError for a storage without its methods */
  constructor(options: RecordOptions<T>, storage: RecordStorage | undefined) {
    if (storage !== undefined) checkStorage('storage', storage)
    this.#options = options
    this.#storage = storage ?? new MemoryRecord()
  }

  /** The state as it is stored. @throws `failure('damaged')`, and what the storage throws */
  async read(): Promise<T> {
    return (await readRecord(this.#storage, this.#options)).state
  }

  /**
   * Applies `change`, which must not alter the state that it is given, to the stored state, and again if another page wrote
   * meanwhile; resolves to its `result` once the outcome is written.
   *
   * @throws `failure('damaged')`, `failure('conflict')` and `failure('busy')`, and what the storage throws
   */
  async update<R>(change: (state: T) => RecordChange<T, R>): Promise<R> {
    const outcome = await this.#changes.run(() => this.#apply(change))
    // The queue is never closed: too many changes wait.
    if (outcome === undefined) throw this.#options.failure('busy')
    return outcome.result
  }

  async #apply<R>(change: (state: T) => RecordChange<T, R>): Promise<{ readonly result: R }> {
    const known = this.#known
    this.#known = undefined
    let loaded: Omit<LoadedRecord<T>, 'byteLength'> = known ?? (await this.#load())
    return compareAndSwap({
      attempt: async () => {
        const { state, entry, result } = change(loaded.state)
        // Another page may have changed a state that was not read just now, and no write would tell.
        if (state === undefined) return loaded === known ? undefined : { result }
        return (await this.#store({ state, entry }, loaded.version)) && { result }
      },
      reload: async () => {
        loaded = await this.#load()
      },
      conflict: () => this.#options.failure('conflict'),
    })
  }

  async #load(): Promise<LoadedRecord<T>> {
    const loaded = await readRecord(this.#storage, this.#options)
    if (this.#storage.append !== undefined) {
      this.#added.reset(this.#options.format.encode(loaded.state).length, loaded.byteLength)
    }
    return loaded
  }

  /** Returns `undefined`, not throws, when the storage is no longer at the version. */
  async #store(
    { state, entry }: { readonly state: T; readonly entry: Uint8Array<ArrayBuffer> | undefined },
    expected: string | undefined,
  ): Promise<true | undefined> {
    const storage = this.#storage
    const { format } = this.#options
    let version: string | undefined
    if (entry && expected !== undefined && storage.append && this.#added.take(entry.length)) {
      version = await storage.append(entry, expected)
    } else {
      const bytes = format.encode(state)
      version = await storage.write(bytes, expected)
      this.#added.reset(bytes.length)
    }
    if (version === undefined) return undefined
    if (entry && storage.append) this.#known = { state, version }
    return true
  }
}

/** The state in a storage. @throws `failure('damaged')`, and what the storage throws */
export async function readRecord<T>(
  storage: RecordStorage,
  { format, failure }: RecordOptions<T>,
): Promise<LoadedRecord<T>> {
  const stored = await storage.read()
  if (stored === undefined) return { state: format.empty(), version: undefined, byteLength: 0 }
  const bytes = decodeBytes(stored.bytes, { min: 1, max: format.maxBytes })
  const state = bytes && format.decode(bytes)
  if (bytes === undefined || state === undefined) throw failure('damaged')
  return { state, version: stored.version, byteLength: bytes.length }
}

/**
 * Repeats a change under compare-and-swap until it is written.
 *
 * @param options.attempt makes the change out of the newest state and writes it; resolves to `undefined` when the storage
 *   was changed by others meanwhile
 * @param options.reload reads the newest state; called after each attempt that was not written
 * @param options.conflict the error after `maxAttempts` attempts, 8 when left out
 * @throws what `conflict` returns, and what the other two throw
 */
export async function compareAndSwap<R>({
  attempt,
  reload,
  conflict,
  maxAttempts = MAX_ATTEMPTS,
}: {
  readonly attempt: () => Promise<R | undefined>
  readonly reload: () => Promise<unknown>
  readonly conflict: () => Error
  readonly maxAttempts?: number
}): Promise<R> {
  for (let count = 0; count < maxAttempts; count += 1) {
    const result = await attempt()
    if (result !== undefined) return result
    await reload()
  }
  throw conflict()
}

/**
 * Calls a storage, which may throw anything or reject with it.
 *
 * @throws what `failure` makes of it
 */
export async function callStorage<T>(
  call: () => T | Promise<T>,
  failure: (cause: unknown) => Error,
): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    throw failure(cause)
  }
}

/** @throws TypeError that names the argument */
export function checkStorage(name: string, storage: RecordStorage): void {
  checkMethods(name, storage, 'read', 'write')
  if (storage.append !== undefined) checkMethods(name, storage, 'append')
}

/** Ignores versions: only one object uses it, one change after the other. */
class MemoryRecord implements RecordStorage {
  #parts: Uint8Array[] = []

  get [Symbol.toStringTag](): string {
    return 'MemoryRecord'
  }

  async read(): Promise<StoredBytes | undefined> {
    if (this.#parts.length === 0) return undefined
    return { bytes: concatBytes(...this.#parts), version: 'held' }
  }

  async write(bytes: Uint8Array): Promise<string> {
    this.#parts = [bytes]
    return 'held'
  }

  async append(bytes: Uint8Array): Promise<string> {
    this.#parts.push(bytes)
    return 'held'
  }
}

const MAX_ATTEMPTS = 8

/** Changes of one object that may wait for the one that is being written. */
const MAX_WAITING_CHANGES = 1024
