import { systemClock } from '@conclave/base'
import type { Clock } from '@conclave/base'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { equalDigests } from '@conclave/crypto/verify'
import { DedupeWindow } from './dedupe-window.ts'
import type {
  Engine,
  EngineChannel,
  EngineEntry,
  EngineEvent,
  EngineListener,
  EngineMessage,
  EnterResult,
  PublishResult,
} from './engine.ts'
import type { SessionId } from './membership-id.ts'

/** An engine for one process: everything in memory, gone with the process. */
export function createMemoryEngine({
  clock = systemClock,
}: { readonly clock?: Clock } = {}): Engine {
  const rooms = new Map<RoomId, MemoryRoom>()
  const handles = new Set<number>()
  return {
    attach: async (room, listener) => {
      const memory = rooms.get(room) ?? new MemoryRoom(pickHandle(handles), clock)
      rooms.set(room, memory)
      handles.add(memory.handle)
      const id = memory.attach(listener)
      return {
        enter: async (entry) => memory.enter(entry),
        leave: async (session) => memory.leave(session),
        publish: async (message) => memory.publish(message),
        detach: async () => {
          memory.detach(id)
          if (memory.isAttached || rooms.get(room) !== memory) return
          rooms.delete(room)
          handles.delete(memory.handle)
        },
      } satisfies EngineChannel
    },
    close: async () => rooms.clear(),
  }
}

/** What one process knows of one room. All steps are synchronous: their order is the room's order. */
class MemoryRoom {
  readonly #handle: number
  readonly #clock: Clock
  readonly #listenerById = new Map<symbol, EngineListener>()
  readonly #stayByParticipant = new Map<ParticipantId, Stay>()
  readonly #seen = new DedupeWindow()
  readonly #events: EngineEvent[] = []
  #position = 0n

  constructor(handle: number, clock: Clock) {
    this.#handle = handle
    this.#clock = clock
  }

  get handle(): number {
    return this.#handle
  }

  get isAttached(): boolean {
    return this.#listenerById.size > 0
  }

  attach(listener: EngineListener): symbol {
    const id = Symbol('hub')
    const sessions = Array.from(this.#stayByParticipant, ([participant, { session }]) => ({
      participant,
      session,
    }))
    listener({ type: 'attached', channel: this.#handle, sessions })
    this.#listenerById.set(id, listener)
    return id
  }

  detach(id: symbol): void {
    this.#listenerById.delete(id)
  }

  enter({ participant, session, resumeDigest, maxParticipants }: EngineEntry): EnterResult {
    const stay = this.#stayByParticipant.get(participant)
    if (stay === undefined) {
      if (this.#stayByParticipant.size >= maxParticipants) return 'full'
      this.#stayByParticipant.set(participant, { session, resumeDigest })
      this.#emit({ type: 'participantJoined', participant, session })
      return 'entered'
    }
    if (!equalDigests(stay.resumeDigest, resumeDigest)) return 'unauthorized'
    this.#stayByParticipant.set(participant, { session, resumeDigest })
    this.#emit({ type: 'participantReplaced', participant, session, previous: stay.session })
    return 'entered'
  }

  leave({ participant, session, reason }: Parameters<EngineChannel['leave']>[0]): void {
    if (this.#stayByParticipant.get(participant)?.session !== session) return
    this.#stayByParticipant.delete(participant)
    this.#emit({ type: 'participantLeft', participant, session, reason })
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

  /** What a listener causes while it is told something comes after it, for all listeners alike. */
  #emit(event: EngineEvent): void {
    this.#events.push(event)
    if (this.#events.length > 1) return
    for (let next = this.#events[0]; next !== undefined; next = this.#events[0]) {
      for (const listener of this.#listenerById.values()) listener(next)
      this.#events.shift()
    }
  }
}

interface Stay {
  readonly session: SessionId
  readonly resumeDigest: Uint8Array
}

/** Random, so that the handle of an earlier room means nothing; not in use, so that it means one room. */
function pickHandle(handles: ReadonlySet<number>): number {
  for (;;) {
    const handle = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
    if (!handles.has(handle)) return handle
  }
}
