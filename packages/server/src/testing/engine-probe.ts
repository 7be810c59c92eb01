import type { ParticipantId } from '@conclave/wire'
import type {
  Engine,
  EngineChannel,
  EngineEntry,
  EngineEvent,
  EngineMembership,
  EngineMessage,
} from '../engine/engine.ts'
import type { EngineLane, Lane } from '../engine/lane.ts'
import { randomMembershipId } from '../engine/membership-id.ts'
import { randomMessage, randomParticipant, randomRoom } from './test-room.ts'

/** A hub's hold on a channel, and the events that it got. */
export interface Probe {
  readonly channel: EngineChannel
  readonly events: EngineEvent[]
}

/** Attaches to a channel; rejects when the first event is not `attached`. */
export async function attach(engine: Engine, lane: EngineLane = randomRoom()): Promise<Probe> {
  const events: EngineEvent[] = []
  const channel = await engine.attach(lane, (event) => events.push(event))
  equal(events[0]?.type, 'attached', 'first event')
  return { channel, events }
}

/** The lane of a fresh guarded channel. */
export function randomLane(): Lane {
  return randomMessage() as string as Lane
}

/** An entry of a fresh participant. */
export function createEntry(changes: Partial<EngineEntry> = {}): EngineEntry {
  return {
    participant: randomParticipant(),
    membership: randomMembershipId(),
    maxParticipants: 9,
    ...changes,
  }
}

/** Enters a fresh participant; rejects when it does not enter. */
export async function enter(channel: EngineChannel): Promise<EngineMembership> {
  const entry = createEntry()
  equal(await channel.enter(entry), 'entered', 'enter')
  const { participant, membership } = entry
  return { participant, membership }
}

/** A fresh message to everyone else. */
export function createMessage(from: ParticipantId): EngineMessage {
  return { id: randomMessage(), from, to: undefined, payload: new Uint8Array([1]) }
}

/** The positions of the messages among events. */
export function positionsOf(events: readonly EngineEvent[]): bigint[] {
  return events.flatMap((event) => (event.type === 'message' ? [event.position] : []))
}

/** Throws an error that names `what` when two values differ. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [toText(actual), toText(expected)]
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`)
}

function toText(value: unknown): string {
  const sorted = (_key: string, part: unknown): unknown => {
    if (typeof part === 'bigint') return `${part}n`
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
  }
  return JSON.stringify(value, sorted) ?? 'undefined'
}
