import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import type { ParticipantId } from '@conclave/wire'
import { DedupePool, DedupeWindow } from './dedupe-window.ts'
import type {
  Engine,
  EngineChannel,
  EngineEntry,
  EngineEvent,
  EngineListener,
  EngineMember,
  EngineMessage,
  EnterResult,
  PublishResult,
} from './engine.ts'
import type { EngineLane } from './lane.ts'

/** An engine for one process: everything is in memory and ends with the process. */
export function createMemoryEngine({
  clock = systemClock,
}: { readonly clock?: Clock } = {}): Engine {
  const pool = new DedupePool()
  let timer: unknown
  // Channels in which nothing is said forget too.
  const forgetLater = (): void => {
    timer = clock.setTimeout(() => {
      timer = undefined
      const nowMs = clock.now()
      for (const channel of channelByLane.values()) channel.forget(nowMs)
      if (pool.used > 0) forgetLater()
    }, FORGET_MS)
  }
  const channelByLane = new Map<EngineLane, MemoryChannel>()
  const handles = new Set<number>()
  return {
    attach: async (lane, listener) => {
      const channel =
        channelByLane.get(lane) ?? new MemoryChannel({ handle: drawHandle(handles), clock, pool })
      channelByLane.set(lane, channel)
      handles.add(channel.handle)
      const id = channel.attach(listener)
      return {
        enter: async (entry) => channel.enter(entry),
        leave: async (membership) => channel.leave(membership),
        publish: async (message) => {
          if (timer === undefined) forgetLater()
          return channel.publish(message)
        },
        signal: (message) => channel.signal(message),
        detach: async () => {
          channel.detach(id)
          if (channel.isAttached || channelByLane.get(lane) !== channel) return
          channelByLane.delete(lane)
          channel.close()
          handles.delete(channel.handle)
        },
      } satisfies EngineChannel
    },
    close: async () => {
      clock.clearTimeout(timer)
      channelByLane.clear()
    },
  }
}

/** The state of one channel. Every step is synchronous: the order of the steps is the channel's order. */
class MemoryChannel {
  readonly #handle: number
  readonly #clock: Clock
  readonly #listenerById = new Map<symbol, EngineListener>()
  readonly #memberByParticipant = new Map<ParticipantId, EngineMember>()
  readonly #seen: DedupeWindow
  readonly #events: EngineEvent[] = []
  #position = 0n

  constructor(options: {
    readonly handle: number
    readonly clock: Clock
    readonly pool: DedupePool
  }) {
    this.#handle = options.handle
    this.#clock = options.clock
    this.#seen = new DedupeWindow(options.pool)
  }

  /** Forgets old messages. */
  forget(nowMs: number): void {
    this.#seen.forget(nowMs)
  }

  /** The channel is empty. */
  close(): void {
    this.#seen.clear()
  }

  get handle(): number {
    return this.#handle
  }

  get isAttached(): boolean {
    return this.#listenerById.size > 0
  }

  attach(listener: EngineListener): symbol {
    const id = Symbol('hub')
    const memberships = [...this.#memberByParticipant.values()]
    listener({ type: 'attached', handle: this.#handle, memberships })
    this.#listenerById.set(id, listener)
    return id
  }

  detach(id: symbol): void {
    this.#listenerById.delete(id)
  }

  enter({ maxParticipants, ...member }: EngineEntry): EnterResult {
    const { participant } = member
    const previous = this.#memberByParticipant.get(participant)?.membership
    if (previous === undefined && this.#memberByParticipant.size >= maxParticipants) return 'full'
    this.#memberByParticipant.set(participant, member)
    this.#emit(
      previous === undefined
        ? { type: 'participantJoined', ...member }
        : { type: 'participantReplaced', ...member, previous },
    )
    return 'entered'
  }

  leave({ participant, membership, reason }: Parameters<EngineChannel['leave']>[0]): void {
    if (this.#memberByParticipant.get(participant)?.membership !== membership) return
    this.#memberByParticipant.delete(participant)
    this.#emit({ type: 'participantLeft', participant, membership, reason })
  }

  signal(message: EngineMessage): void {
    this.#emit({ type: 'signal', ...message })
  }

  publish(message: EngineMessage): PublishResult {
    const nowMs = this.#clock.now()
    const seen = this.#seen.find(message, nowMs)
    if (seen !== undefined) return { position: seen, duplicate: true }
    const position = (this.#position += 1n)
    this.#seen.add(message, { position, nowMs })
    this.#emit({ type: 'message', position, ...message })
    return { position, duplicate: false }
  }

  /** Events that a listener causes are queued, so that all listeners see one order. */
  #emit(event: EngineEvent): void {
    this.#events.push(event)
    if (this.#events.length > 1) return
    for (let next = this.#events[0]; next !== undefined; next = this.#events[0]) {
      for (const listener of this.#listenerById.values()) listener(next)
      this.#events.shift()
    }
  }
}

const FORGET_MS = 30_000

/** Random, so that the handle of an earlier channel means nothing; not in use, so that it means one channel. */
function drawHandle(used: ReadonlySet<number>): number {
  for (;;) {
    const handle = new DataView(randomBytes(4).buffer).getUint32(0)
    if (!used.has(handle)) return handle
  }
}
