import { CallOrder } from '../call-order.ts'
import { E2eeError } from '../errors.ts'
import type { OpenedOrDroppedEvent } from './open-event.ts'
import { ReplayState } from './replay-state.ts'
import type { PlacedEvent, ReplayRefusal } from './replay-state.ts'

/**
 * Where a guard keeps what it saw: one record under compare-and-swap. Every `VaultStorage` of `@conclave/vault`
 * is one.
 */
export interface ReplayStorage {
  /** What is stored; `undefined` for nothing. */
  read(): Promise<{ readonly bytes: Uint8Array; readonly version: string } | undefined>

  /**
   * Stores the bytes, durably, if the storage still is at `expected` (`undefined`: holds nothing), and answers
   * the new version; answers `undefined`, and changes nothing, if it is not.
   */
  write(bytes: Uint8Array, expected: string | undefined): Promise<string | undefined>
}

/**
 * Opens each numbered event once, per sender. With a storage that outlives the page it stays so after a reload:
 * an event is answered only after it was written down that it was seen, so that no crash lets it in again; events
 * that come meanwhile share the next write. You must use one guard, and one storage, for all that comes from the
 * same senders under the same keys. Two pages with one storage see each event once each, and after a reload
 * what either saw is seen.
 */
export class ReplayGuard {
  readonly #storage: ReplayStorage | undefined
  readonly #rising: boolean
  readonly #order = new CallOrder()
  #loading: Promise<void> | undefined
  #seen = new ReplayState()
  /** What another page wrote since; goes into what is written, not into what is seen here. */
  #others: ReplayState | undefined
  #version: string | undefined
  #writing: Promise<void> | undefined
  #queued: Promise<void> | undefined

  /**
   * @param options.storage left out: forgets with the page
   * @param options.order `rising` refuses what comes after something newer of the same sender, as `late`
   * @throws TypeError
   */
  constructor({
    storage,
    order = 'any',
  }: { readonly storage?: ReplayStorage; readonly order?: 'any' | 'rising' } = {}) {
    if (
      storage !== undefined &&
      typeof (storage as Partial<ReplayStorage> | null)?.write !== 'function'
    ) {
      throw new TypeError('"storage" expected an object with read and write')
    }
    if (order !== 'any' && order !== 'rising')
      throw new TypeError('"order" expected "any" or "rising"')
    this.#storage = storage
    this.#rising = order === 'rising'
  }

  /** Why the event would be refused, as far as can be told already; spares the decryption. */
  peek(event: PlacedEvent): ReplayRefusal | undefined {
    return this.#seen.refusalOf(event, this.#rising)
  }

  /**
   * What `opening` answers, if the event opened and is admitted; results come in the order of the calls, for
   * each sender. Not for applications: `openEvent` calls it.
   */
  async admit(
    event: PlacedEvent,
    opening: Promise<OpenedOrDroppedEvent>,
  ): Promise<OpenedOrDroppedEvent> {
    const opened = await this.#order.after(event.sender, opening)
    if (opened.type === 'dropped') return opened
    if (this.#storage !== undefined) await (this.#loading ??= this.#load(this.#storage))
    const refusal = this.#seen.refusalOf(event, this.#rising)
    if (refusal !== undefined) return { type: 'dropped', reason: refusal }
    this.#seen.accept(event)
    if (this.#storage === undefined) return opened
    try {
      await this.#persist(this.#storage)
    } catch (error) {
      this.#seen.withdraw(event)
      throw error
    }
    return opened
  }

  async #load(storage: ReplayStorage): Promise<void> {
    try {
      const { state, version } = await readState(storage)
      this.#seen = state
      this.#version = version
    } catch (error) {
      this.#loading = undefined
      throw error
    }
  }

  /** Resolves when a write that began after this call is done. */
  #persist(storage: ReplayStorage): Promise<void> {
    if (this.#writing !== undefined)
      return (this.#queued ??= this.#persistAfter(storage, this.#writing))
    const writing = this.#write(storage).finally(() => {
      this.#writing = undefined
    })
    this.#writing = writing
    return writing
  }

  async #persistAfter(storage: ReplayStorage, writing: Promise<void>): Promise<void> {
    // Whoever waits for that write hears of its failure.
    await writing.catch(() => {})
    this.#queued = undefined
    await this.#persist(storage)
  }

  async #write(storage: ReplayStorage): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      this.#others?.merge(this.#seen)
      const bytes = (this.#others ?? this.#seen).encode()
      const version = await storage.write(bytes, this.#version)
      if (version !== undefined) {
        this.#version = version
        return
      }
      const stored = await readState(storage)
      this.#others = stored.state
      this.#version = stored.version
    }
    throw new E2eeError(
      'ERR_E2EE_STORAGE',
      { reason: 'conflict' },
      { message: 'the storage kept changing' },
    )
  }
}

async function readState(
  storage: ReplayStorage,
): Promise<{ readonly state: ReplayState; readonly version: string | undefined }> {
  const stored = await storage.read()
  if (stored === undefined) return { state: new ReplayState(), version: undefined }
  const state = ReplayState.decode(stored.bytes)
  if (state !== undefined) return { state, version: stored.version }
  throw new E2eeError(
    'ERR_E2EE_STORAGE',
    { reason: 'damaged' },
    { message: 'the storage holds something else' },
  )
}

const MAX_ATTEMPTS = 8
