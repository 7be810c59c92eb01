import { bytesToRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import type { Engine, EngineChannel, EngineEvent } from '../engine/engine.ts'
import { randomBytes, randomSessionId } from '../engine/membership-id.ts'
import type { SessionId } from '../engine/membership-id.ts'
import { randomMessage, randomParticipant } from './test-room.ts'

/** Something that every engine has to do. */
export interface EngineContractCase {
  readonly title: string
  /** Resolves when the engine does it, else rejects with an error that says what was wrong. */
  run(engine: Engine): Promise<void>
}

/**
 * What every engine passes, as cases for any test runner:
 * `for (const { title, run } of engineContract) test(title, () => run(createEngine()))`.
 */
export const engineContract: readonly EngineContractCase[] = [
  {
    title: '[H14] attaching tells who is there, then what happens, to every hub in the same order',
    run: async (engine) => {
      const room = randomRoom()
      const one = await attach(engine, room)
      const first = await enter(one.channel)
      const other = await attach(engine, room)
      equal(other.events[0], { ...one.events[0], sessions: [first] }, 'snapshot')
      const second = await enter(other.channel)
      await one.channel.publish(message(first.participant))
      await one.channel.leave({ ...first, reason: 'left' })
      equal(one.events.slice(2), other.events.slice(1), 'order')
      equal(
        other.events.map(({ type }) => type).join(),
        'attached,participantJoined,message,participantLeft',
        'types',
      )
      equal(one.events[2], { type: 'participantJoined', ...second }, 'who joined')
      equal(one.events[4], { type: 'participantLeft', ...first, reason: 'left' }, 'who left')
    },
  },
  {
    title: '[H20] positions begin at one and grow by one, whatever hub publishes',
    run: async (engine) => {
      const room = randomRoom()
      const one = await attach(engine, room)
      const other = await attach(engine, room)
      const from = randomParticipant()
      for (const [index, { channel }] of [one, other, other, one].entries()) {
        const { position, duplicate } = await channel.publish(message(from))
        equal(
          { position, duplicate },
          { position: BigInt(index + 1), duplicate: false },
          'position',
        )
      }
      equal(positions(one.events), positions(other.events), 'order')
      equal(positions(one.events), [1n, 2n, 3n, 4n], 'positions')
    },
  },
  {
    title: '[H20] publishes at the same time get places of their own',
    run: async (engine) => {
      const { channel, events } = await attach(engine, randomRoom())
      const from = randomParticipant()
      const results = await Promise.all(
        Array.from({ length: 50 }, () => channel.publish(message(from))),
      )
      const places = new Set(results.map(({ position }) => position))
      equal(places.size, 50, 'number of places')
      equal(positions(events).length, 50, 'number of messages')
    },
  },
  {
    title: '[H21] the same id of the same sender is told once and keeps its position',
    run: async (engine) => {
      const { channel, events } = await attach(engine, randomRoom())
      const original = message(randomParticipant())
      const { position } = await channel.publish(original)
      equal(await channel.publish(original), { position, duplicate: true }, 'repeated')
      const others = { ...original, from: randomParticipant() }
      equal(
        await channel.publish(others),
        { position: position + 1n, duplicate: false },
        'of another sender',
      )
      equal(positions(events), [position, position + 1n], 'told')
    },
  },
  {
    title:
      '[H16] the same resume digest replaces a session, and the replaced one cannot leave for it',
    run: async (engine) => {
      const { channel, events } = await attach(engine, randomRoom())
      const first = await enter(channel)
      const session = randomSessionId()
      const entry = {
        participant: first.participant,
        session,
        resumeDigest: DIGEST,
        maxParticipants: 1,
      }
      equal(await channel.enter(entry), 'entered', 'result')
      const { participant } = first
      equal(
        events.at(-1),
        { type: 'participantReplaced', participant, session, previous: first.session },
        'event',
      )
      const { length } = events
      await channel.leave({ ...first, reason: 'lost' })
      equal(events.length, length, 'events after the replaced session left')
    },
  },
  {
    title: '[H17] another resume digest is refused, and changes nothing',
    run: async (engine) => {
      const { channel, events } = await attach(engine, randomRoom())
      const { participant } = await enter(channel)
      const { length } = events
      const resumeDigest = DIGEST.map((byte) => byte ^ 1)
      const entry = { participant, session: randomSessionId(), resumeDigest, maxParticipants: 9 }
      equal(await channel.enter(entry), 'unauthorized', 'result')
      equal(events.length, length, 'events')
    },
  },
  {
    title: '[H12] a full room takes nobody more, until somebody leaves',
    run: async (engine) => {
      const { channel } = await attach(engine, randomRoom())
      const first = await enter(channel)
      await enter(channel)
      const entry = { participant: randomParticipant(), resumeDigest: DIGEST, maxParticipants: 2 }
      equal(await channel.enter({ ...entry, session: randomSessionId() }), 'full', 'third')
      await channel.leave({ ...first, reason: 'left' })
      equal(await channel.enter({ ...entry, session: randomSessionId() }), 'entered', 'third again')
    },
  },
  {
    title: '[H18] rooms share nothing, and who detached is told nothing',
    run: async (engine) => {
      const one = await attach(engine, randomRoom())
      const other = await attach(engine, randomRoom())
      await enter(one.channel)
      equal(other.events.length, 1, 'events of another room')
      await one.channel.detach()
      await one.channel.detach()
      const { length } = one.events
      await one.channel.publish(message(randomParticipant())).catch(() => undefined)
      equal(one.events.length, length, 'events after detaching')
    },
  },
]

interface Attached {
  readonly channel: EngineChannel
  readonly events: EngineEvent[]
}

async function attach(engine: Engine, room: RoomId): Promise<Attached> {
  const events: EngineEvent[] = []
  const channel = await engine.attach(room, (event) => events.push(event))
  equal(events[0]?.type, 'attached', 'first event')
  return { channel, events }
}

async function enter(
  channel: EngineChannel,
): Promise<{ participant: ParticipantId; session: SessionId }> {
  const who = { participant: randomParticipant(), session: randomSessionId() }
  equal(
    await channel.enter({ ...who, resumeDigest: DIGEST, maxParticipants: 9 }),
    'entered',
    'enter',
  )
  return who
}

function message(from: ParticipantId): Parameters<EngineChannel['publish']>[0] {
  return { id: randomMessage(), from, to: undefined, payload: new Uint8Array([1]) }
}

function positions(events: readonly EngineEvent[]): bigint[] {
  return events.flatMap((event) => (event.type === 'message' ? [event.position] : []))
}

function randomRoom(): RoomId {
  const room = bytesToRoomId(randomBytes(16))
  if (room === undefined) throw new Error('unreachable: 16 bytes are an id')
  return room
}

function equal(actual: unknown, expected: unknown, what: string): void {
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

const DIGEST = new Uint8Array(32).fill(7)
