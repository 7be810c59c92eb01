/**
 * The key under which a session speaks: changed and given as the schedule says, in the steps of its outgoing queue. spec
 * R46 to R52
 *
 * @module
 */
import { type Clock, Emitter } from '@conclave/base'
import type { ParticipantKeyGrant, ParticipantKeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { encodeKeyBody } from './key-body.ts'
import { type KeyChange, type KeyLimits, KeySchedule, type KeyStep } from './key-schedule.ts'

/** The way on which keys go out. */
export interface KeyCarrier {
  /** The sequence that the next message to the room gets. */
  readonly roomNext: number
  /** Whether something can be sealed to a participant. */
  canReach(id: ParticipantId): boolean
  /** Seals a body to a participant and publishes it; resolves with its place in the direct stream. */
  give(id: ParticipantId, body: Uint8Array): Promise<number>
}

/** Events of {@link OwnKeys}. */
export interface OwnKeysEvents {
  /** A step is due: `advance` takes it, in the outgoing queue. */
  readonly due: Record<never, never>
  /** Nothing that this session says from now on is open to a participant that left. */
  readonly gone: { readonly participant: ParticipantId }
}

/** The own key of a session, and who was given it. */
export class OwnKeys {
  readonly #source: ParticipantKeySource
  readonly #self: ParticipantId
  readonly #clock: Clock
  readonly #schedule: KeySchedule
  readonly #emitter = new Emitter<OwnKeysEvents>()
  /** Key messages that a participant has not confirmed. */
  readonly #unconfirmedById = new Map<ParticipantId, KeyMessage[]>()
  readonly #starts: (() => void)[] = []
  #carrier: KeyCarrier | undefined
  #timer: unknown
  #closed = false

  constructor(options: {
    readonly source: ParticipantKeySource
    readonly self: ParticipantId
    readonly clock: Clock
    readonly limits: KeyLimits
  }) {
    const { source, self, clock, limits } = options
    this.#source = source
    this.#self = self
    this.#clock = clock
    this.#schedule = new KeySchedule(limits, clock.now())
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof OwnKeysEvents>(
    type: T,
    handler: (event: OwnKeysEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** Keys go out by `carrier` from now on. */
  carryBy(carrier: KeyCarrier): void {
    this.#carrier = carrier
  }

  /** The hub names these participants on joining. spec R48 */
  expect(named: readonly ParticipantId[]): void {
    this.#schedule.expect(named, this.#clock.now())
    this.pursue()
  }

  /** A participant entered the roster. */
  entered(id: ParticipantId): void {
    this.#schedule.entered(id)
    this.pursue()
  }

  /** A participant left the roster; answers whether it is gone at once, else the event follows. spec R52 */
  left(id: ParticipantId): boolean {
    this.#unconfirmedById.delete(id)
    const isGone = this.#schedule.left(id, this.#clock.now())
    this.#start()
    this.pursue()
    return isGone
  }

  /** Whether a source of this session is on. spec R49 */
  media(isOn: boolean): void {
    this.#schedule.media(isOn)
    this.pursue()
  }

  /** Frames of this session were sealed: so many, if it is known. */
  framesSealed(count: number): void {
    this.#schedule.framesSealed(count)
    this.pursue()
  }

  /** Calls `start`, at once or when nobody who left can open what it sends. spec R49 */
  whenClosedToLeavers(start: () => void): void {
    this.#starts.push(start)
    this.#start()
  }

  /**
   * A participant says how far it received the direct stream, and which key message it took last. Answers the place in
   * the stream to the room from which on it cannot open what was said, if a key got lost. spec R54
   */
  confirmed(
    id: ParticipantId,
    received: { readonly direct: number; readonly key: number | null },
  ): number | undefined {
    const { direct, key } = received
    const open = (this.#unconfirmedById.get(id) ?? []).filter(({ at }) => at > (key ?? -1))
    const lost = open.filter(({ at }) => at < direct)
    this.#unconfirmedById.set(id, lost.length === 0 ? open : [])
    if (lost.length === 0) return undefined
    this.#schedule.missed(id)
    this.pursue()
    return Math.min(...lost.map(({ from }) => from))
  }

  /** Whether a message to the room could be sealed now, as far as keys matter; changes nothing. */
  get isReady(): boolean {
    return this.#next().type === 'ready'
  }

  /** Whether a step is due although nothing is to be said. */
  get isUrgent(): boolean {
    if (this.#closed) return false
    const { type } = this.#next()
    return this.#schedule.isUrgent && type !== 'ready' && type !== 'wait'
  }

  /** Takes all steps that are due. Answers whether a message to the room may be sealed, in the same task. */
  async advance(): Promise<boolean> {
    for (;;) {
      if (this.#closed) return false
      const step = this.#next()
      if (step.type === 'ready' || step.type === 'wait') {
        this.#arm(step)
        return step.type === 'ready'
      }
      try {
        await this.#take(step)
        this.#start()
      } catch (error) {
        this.#arm({ type: 'wait', untilMs: this.#clock.now() + RETRY_MS })
        throw error
      }
    }
  }

  /** A message to the room is being sealed; answers to whom it is closed, because no key could be brought to them. */
  messageSealed(): readonly ParticipantId[] {
    this.#schedule.messageSealed()
    return this.#schedule.lacking()
  }

  /** Reports a step that is due, or sets a timer for the next one. */
  pursue(): void {
    if (this.#closed || this.#carrier === undefined) return
    const step = this.#next()
    this.#arm(step)
    if (step.type !== 'wait') this.#emitter.emit('due', {})
  }

  /** Changes and gives nothing from now on. */
  close(): void {
    this.#closed = true
    this.#clock.clearTimeout(this.#timer)
    this.#emitter.clear()
    this.#unconfirmedById.clear()
    this.#starts.length = 0
  }

  #start(): void {
    if (this.#schedule.holdsMedia) return
    for (const start of this.#starts.splice(0)) start()
  }

  #next(): KeyStep {
    return this.#schedule.next(
      this.#clock.now(),
      (id) => this.#carrier !== undefined && this.#carrier.canReach(id),
    )
  }

  async #take(step: Exclude<KeyStep, { type: 'ready' | 'wait' }>): Promise<void> {
    switch (step.type) {
      case 'complete':
        this.#source.completeRotation().wipe()
        return this.#schedule.changed('complete', this.#clock.now())
      case 'end':
        this.#source.retireEarlier(this.#self)
        this.#schedule.ended()
        for (const participant of step.gone) this.#emitter.emit('gone', { participant })
        return
      case 'give':
        return this.#give(step)
    }
  }

  async #give({ change, to }: Extract<KeyStep, { type: 'give' }>): Promise<void> {
    const carrier = this.#carrier
    if (carrier === undefined) return
    const grant = await this.#grantOf(change)
    this.#schedule.changed(change, this.#clock.now())
    const from = carrier.roomNext
    const body = encodeKeyBody({ grant, from })
    const given = await Promise.allSettled(
      to.map(async (id) => {
        // From now on it may have the key: if it leaves meanwhile, the key changes.
        if (!this.#schedule.given(id)) return
        const at = await carrier.give(id, body).catch((error: unknown) => {
          this.#schedule.missed(id)
          throw error
        })
        const unconfirmed = this.#unconfirmedById.get(id) ?? []
        this.#unconfirmedById.set(id, [...unconfirmed, { at, from }].slice(-MAX_UNCONFIRMED))
      }),
    )
    body.fill(0)
    const failed = given.find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async #grantOf(change: KeyChange): Promise<ParticipantKeyGrant> {
    switch (change) {
      case 'none':
        return this.#source.grantWithPast()
      case 'ratchet':
        return this.#source.ratchet()
      case 'rotate':
        return this.#source.rotate()
      case 'prepare':
        return this.#source.prepareRotation()
      case 'prepare-afresh':
        return this.#source.prepareRotation({ afresh: true })
    }
  }

  #arm(step: KeyStep): void {
    this.#clock.clearTimeout(this.#timer)
    const atMs = step.type === 'wait' ? step.untilMs : this.#schedule.wakeAtMs
    if (atMs === undefined) return
    // A step that is due and cannot be taken yet is looked at again, and not without end.
    const delayMs = Math.max(SHORTEST_PAUSE_MS, atMs - this.#clock.now())
    this.#timer = this.#clock.setTimeout(() => this.pursue(), delayMs)
  }
}

interface KeyMessage {
  /** In the direct stream. */
  readonly at: number
  /** In the stream to the room. */
  readonly from: number
}

const MAX_UNCONFIRMED = 64
/** When a step that failed is taken again. */
const SHORTEST_PAUSE_MS = 10
const RETRY_MS = 250
