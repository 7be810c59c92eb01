import {
  AddedBytes,
  checkFunction,
  compareAndSwap,
  concatBytes,
  OrderedResults,
  readRecord,
  timeOfDay,
} from '@conclave/base'
import type { RecordStorage } from '@conclave/base'
import { dropped } from '../core/dropped.ts'
import type { Dropped } from '../core/dropped.ts'
import { guardStorage, recordOptions, storageError } from '../core/stored-record.ts'
import { encodeEntry, REPLAY_FORMAT } from './replay-record.ts'
import { entryOf, ReplayState } from './replay-state.ts'
import type { PlacedEvent } from './replay-state.ts'
import type { ReplayRefusal, ReplayRules } from './sender-streams.ts'

/**
 * Opens each numbered event once, per key id, channel and sender: one guard may serve many rooms, and nothing that happens in one
 * of them touches another. With a storage that outlives the page this holds after a reload: an event is returned only after its number
 * was stored, so that no crash admits it again; events that arrive meanwhile share the next write. A storage that has `append` is
 * given the numbers of new events only, and the whole state when those have become as long. You must use one guard,
 * and one storage, for all events of a channel. Two pages with one storage each open an event once, and after a reload both know what
 * either opened.
 */
export class ReplayGuard {
  readonly #storage: RecordStorage | undefined
  readonly #rising: boolean
  readonly #now: () => number
  readonly #order = new OrderedResults()
  #loading: Promise<void> | undefined
  #seen = new ReplayState()
  /** The state that another page wrote since; it is merged into the next write, not into the state of this page. */
  #others: ReplayState | undefined
  #version: string | undefined
  /** The entries of events that wait for the next write. */
  #unsaved: Uint8Array<ArrayBuffer>[] = []
  readonly #added = new AddedBytes()
  #writing: Promise<void> | undefined
  #queued: Promise<void> | undefined

  get [Symbol.toStringTag](): string {
    return 'ReplayGuard'
  }

  /**
   * @param options.storage where the guard remembers what was opened. `'none'`: it forgets with the page, and after a reload everything
   *   opens again
   * @param options.order `rising` refuses an event that arrives after a newer one of the same sender, as `late`
   * @param options.now the time in milliseconds since 1970; the time of day when left out. A sender's stream that begins more than
   *   a day ahead of it is `ahead`: one of the two clocks is wrong. Nothing is remembered of it, so it is heard once that is mended
   * @throws TypeError
   */
  constructor({
    storage,
    order = 'any',
    now = timeOfDay,
  }: {
    readonly storage: RecordStorage | 'none'
    readonly order?: 'any' | 'rising'
    readonly now?: () => number
  }) {
    if (order !== 'any' && order !== 'rising')
      throw new TypeError('"order" expected "any" or "rising"')
    checkFunction('now', now)
    this.#now = now
    this.#storage = guardStorage(storage)
    this.#rising = order === 'rising'
  }

  /** Why the event would be refused, as far as can be told already; spares the decryption. */
  peek(event: PlacedEvent): ReplayRefusal | undefined {
    return this.#seen.refusalOf(event, this.#rules)
  }

  /**
   * Returns the result of `opening`, if the event opened and is admitted; results come in the order of the calls, for
   * each sender. Not for applications: `openEvent` calls it.
   */
  async admit<Result extends { readonly type: string }>(
    event: PlacedEvent,
    opening: Promise<Result>,
  ): Promise<Result | Dropped> {
    const opened = await this.#order.after(event.sender, opening)
    if (opened.type === 'dropped') return opened
    if (this.#storage !== undefined) await (this.#loading ??= this.#load(this.#storage))
    const refusal = this.#seen.admit(event, this.#rules)
    if (refusal !== undefined) return dropped(refusal)
    if (this.#storage === undefined) return opened
    this.#unsaved.push(encodeEntry(entryOf(event, this.#rules)))
    try {
      await this.#persist(this.#storage)
    } catch (error) {
      this.#seen.withdraw(event)
      throw error
    }
    return opened
  }

  get #rules(): ReplayRules {
    return { rising: this.#rising, now: this.#now() }
  }

  async #load(storage: RecordStorage): Promise<void> {
    try {
      const { state, version, byteLength } = await readRecord(storage, RECORD)
      this.#seen = state
      this.#version = version
      if (storage.append) this.#added.reset(REPLAY_FORMAT.encode(state).length, byteLength)
    } catch (error) {
      this.#loading = undefined
      throw error
    }
  }

  /** Resolves when a write that began after this call is done. */
  #persist(storage: RecordStorage): Promise<void> {
    if (this.#writing !== undefined)
      return (this.#queued ??= this.#persistAfter(storage, this.#writing))
    const writing = this.#write(storage).finally(() => {
      this.#writing = undefined
    })
    this.#writing = writing
    return writing
  }

  async #persistAfter(storage: RecordStorage, writing: Promise<void>): Promise<void> {
    // The callers that wait for that write get its failure.
    await writing.catch(() => {})
    this.#queued = undefined
    await this.#persist(storage)
  }

  async #write(storage: RecordStorage): Promise<void> {
    const entries = concatBytes(...this.#unsaved.splice(0))
    try {
      if (storage.append && this.#added.take(entries.length) && (await storage.append(entries))) {
        // Other pages add to the record too: the next whole write reads it, as it stands at another version.
        this.#others = undefined
        this.#version = undefined
      } else {
        await this.#writeWhole(storage)
      }
    } catch (error) {
      // What was merged for this write was not stored, and may be withdrawn: the next one reads the record again.
      this.#others = undefined
      this.#version = undefined
      throw error
    }
  }

  async #writeWhole(storage: RecordStorage): Promise<void> {
    this.#version = await compareAndSwap({
      attempt: () => {
        this.#others?.merge(this.#seen)
        const bytes = REPLAY_FORMAT.encode(this.#others ?? this.#seen)
        this.#added.reset(bytes.length)
        return storage.write(bytes, this.#version)
      },
      reload: async () => {
        const { state, version } = await readRecord(storage, RECORD)
        this.#others = state
        this.#version = version
      },
      conflict: () => storageError('conflict'),
    })
  }
}

const RECORD = recordOptions(REPLAY_FORMAT)
