/**
 * A plain driver as a connection that is up or down: sealed texts on one subject for each epoch of the room's root, tried
 * again for as long as the session lasts. spec S65, S66, S74
 *
 * @module
 */
import { BoundedMap, type Clock, OrderedResults, TaskQueue, backoffMs } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import { type BusSeal, createBusSeal } from '@conclave/e2ee/session'
import type { Driver } from '@conclave/p2p'
import type { RoomId } from '@conclave/wire'
import { within } from './within.ts'

/** The needs of a {@link BusConnection}. */
export interface BusConnectionOptions {
  readonly driver: Driver
  readonly keys: KeySource
  readonly room: RoomId
  readonly clock: Clock
  /** The driver listens. */
  readonly up: () => void
  /** The driver failed, or did not answer; the connection is tried again. */
  readonly down: () => void
  /** The room has another root, and the driver listens under it. */
  readonly moved: () => void
  /** Reads a frame that a holder of the root sealed, and answers with what it does. Several are read at a time; each acts in its turn. */
  readonly read: (bytes: Uint8Array<ArrayBuffer>) => Promise<() => void>
  readonly dropped: (reason: 'not-authentic' | 'flood') => void
}

/** Listens and emits until it is closed. */
export class BusConnection {
  readonly #options: BusConnectionOptions
  readonly #lineByEpoch = new Map<bigint, Line>()
  readonly #outgoing = new TaskQueue({ maxWaiting: MAX_WAITING })
  readonly #incoming = new OrderedResults()
  #opening = 0
  /** The beginnings of texts of this session, which a bus may give back. */
  readonly #own = new BoundedMap<string, true>(MAX_OWN)
  readonly #stops: (() => void)[] = []
  /** The epochs of the root that this session was told of. */
  readonly #epochs = new Set<bigint>()
  #state: State = 'idle'
  #failures = 0
  #timer: unknown

  constructor(options: BusConnectionOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** Where frames go now; `undefined` while the driver does not listen there. */
  get subject(): string | undefined {
    return this.#current?.seal.subject
  }

  /** Begins to listen. */
  open(): void {
    const { keys } = this.#options
    const follow = ({ epoch }: { readonly epoch: bigint }): void => void this.#follow(epoch)
    this.#epochs.add(keys.epoch)
    this.#stops.push(
      keys.on('epochAdded', follow),
      keys.on('epochChanged', follow),
      keys.on('epochRetired', ({ epoch }) => {
        this.#epochs.delete(epoch)
        this.#unlisten(epoch)
      }),
    )
    void this.#connect()
  }

  /** Makes an attempt that waits at once. */
  wake(): void {
    if (this.#state !== 'waiting') return
    this.#options.clock.clearTimeout(this.#timer)
    void this.#connect()
  }

  /** Seals and emits a frame, after all earlier ones; `false` when it was not handed to the driver. */
  async emit(frame: () => Promise<Uint8Array>): Promise<boolean> {
    const { driver, clock } = this.#options
    const begun = this.#current
    if (this.#state !== 'up' || begun === undefined) return false
    if (this.#outgoing.size > MAX_WAITING) return false
    const sealUnder = async ({ seal }: Line): Promise<string> => seal.seal(await frame())
    // While earlier ones are emitted.
    const sealed = sealUnder(begun)
    sealed.catch(() => {})
    const emitted = this.#outgoing.run(async () => {
      const line = this.#current
      if (this.#state !== 'up' || line === undefined) return false
      const text = await (line === begun ? sealed : sealUnder(line))
      this.#own.set(beginningOf(text), true)
      try {
        await within(async () => driver.emit([line.seal.subject], text), { clock, ms: ANSWER_MS })
        return true
      } catch {
        this.#fail()
        return false
      }
    })
    // A session that is closed meanwhile signs and seals nothing.
    return emitted?.catch(() => false) ?? false
  }

  /** Texts for the last moment, when nothing can be waited for. */
  async sealed(frame: Uint8Array, copies: number): Promise<LastWords | undefined> {
    const line = this.#current
    if (line === undefined) return undefined
    const texts = await Promise.all(Array.from({ length: copies }, () => line.seal.seal(frame)))
    return { subject: line.seal.subject, texts }
  }

  /** Emits the last words in this task, and listens no more. */
  close(last?: LastWords): void {
    if (this.#state === 'closed') return
    const wasUp = this.#state === 'up'
    this.#state = 'closed'
    this.#options.clock.clearTimeout(this.#timer)
    for (const stop of this.#stops) stop()
    this.#outgoing.abandon()
    if (wasUp && last !== undefined) {
      for (const text of last.texts) this.#try((driver) => driver.emit([last.subject], text))
    }
    for (const epoch of [...this.#lineByEpoch.keys()]) this.#unlisten(epoch)
  }

  get #current(): Line | undefined {
    return this.#lineByEpoch.get(this.#options.keys.epoch)
  }

  async #connect(): Promise<void> {
    this.#state = 'connecting'
    try {
      // Epochs that come meanwhile are among them.
      for (const epoch of this.#epochs) await this.#listen(epoch)
    } catch {
      return this.#fail()
    }
    if (!this.#isAt('connecting')) return
    this.#state = 'up'
    this.#options.up()
  }

  /** The connection has shown that it works: pauses begin with the first one again. */
  works(): void {
    this.#failures = 0
  }

  /** The root changed, or there is a next one: its holders are heard from now on. */
  async #follow(epoch: bigint): Promise<void> {
    this.#epochs.add(epoch)
    if (this.#state === 'waiting') return this.wake()
    if (this.#state !== 'up') return
    try {
      await this.#listen(epoch)
    } catch {
      return this.#fail()
    }
    if (this.#isAt('up') && epoch === this.#options.keys.epoch) this.#options.moved()
  }

  async #listen(epoch: bigint): Promise<void> {
    const { driver, keys, room, clock } = this.#options
    if (this.#lineByEpoch.has(epoch)) return
    const seal = await createBusSeal(keys, { room, epoch })
    if (this.#isAt('closed') || this.#lineByEpoch.has(epoch)) return
    const line: Line = { seal, handler: (text) => this.#receive(line, text) }
    this.#lineByEpoch.set(epoch, line)
    await within(async () => driver.on([seal.subject], line.handler), { clock, ms: ANSWER_MS })
  }

  #unlisten(epoch: bigint): void {
    const line = this.#lineByEpoch.get(epoch)
    if (line === undefined) return
    this.#lineByEpoch.delete(epoch)
    this.#try((driver) => driver.off([line.seal.subject], line.handler))
  }

  #fail(): void {
    if (this.#state === 'closed' || this.#state === 'waiting') return
    const { clock, down } = this.#options
    this.#state = 'waiting'
    for (const epoch of [...this.#lineByEpoch.keys()]) this.#unlisten(epoch)
    this.#timer = clock.setTimeout(
      () => void this.#connect(),
      backoffMs(this.#failures, RETRY_PAUSE),
    )
    this.#failures += 1
    down()
  }

  #receive(line: Line, text: unknown): void {
    const { read, dropped } = this.#options
    if (![...this.#lineByEpoch.values()].includes(line)) return
    if (typeof text === 'string' && this.#own.has(beginningOf(text))) return
    if (this.#opening > MAX_WAITING) return dropped('flood')
    const drop = (): void => dropped('not-authentic')
    const open = async (): Promise<() => void> => {
      const bytes = await line.seal.open(text)
      return bytes === undefined || this.#isAt('closed') ? drop : read(bytes)
    }
    this.#opening += 1
    this.#incoming
      .after('', open())
      .finally(() => (this.#opening -= 1))
      .then((act) => this.#isAt('closed') || act())
      .catch(() => this.#isAt('closed') || drop())
  }

  /** Calls a driver that may fail, and whose failure changes nothing. */
  #try(call: (driver: Driver) => void | Promise<void>): void {
    void (async () => call(this.#options.driver))().catch(() => {})
  }

  #isAt(state: State): boolean {
    return this.#state === state
  }
}

type State = 'idle' | 'connecting' | 'up' | 'waiting' | 'closed'

/** A farewell that is sealed already. */
export interface LastWords {
  readonly subject: string
  readonly texts: readonly string[]
}

/** The subject of one epoch of the root. */
interface Line {
  readonly seal: BusSeal
  readonly handler: (text: unknown) => void
}

/** Random characters at the beginning of a text: enough to know it, and few enough that the text is not kept with them. spec S66 */
const beginningOf = (text: string): string => text.slice(0, 12)
const MAX_OWN = 256

/** Frames that wait to be sealed, or to be opened. */
const MAX_WAITING = 2048
/** A driver that does not answer for so long has failed. */
const ANSWER_MS = 10_000
const RETRY_PAUSE = { firstMs: 250, maxMs: 5000 }
