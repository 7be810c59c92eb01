import type { Engine } from '../engine/engine.ts'
import { randomMembershipId } from '../engine/membership-id.ts'
import {
  attach,
  createEntry,
  createMessage,
  enter,
  equal,
  positionsOf,
  randomLane,
} from './engine-probe.ts'
import { randomParticipant, randomRoom } from './test-room.ts'

/** How an engine is made. */
export interface EngineFactory {
  /** Creates an engine without channels; each case closes its own. */
  create(): Promise<Engine> | Engine
}

/** One thing that an engine must do. */
export interface EngineCase {
  readonly title: string
  /** Rejects with what went wrong. */
  run(): Promise<void>
}

/**
 * The cases of the engine contract, for any test runner.
 *
 * @example
 * ```ts
 * for (const { title, run } of engineContract({ create })) test(title, run)
 * ```
 */
export function engineContract(factory: EngineFactory): readonly EngineCase[] {
  return CASES.map(({ title, body }) => ({
    title,
    run: async () => {
      const engine = await factory.create()
      try {
        await body(engine)
      } finally {
        await engine.close()
      }
    },
  }))
}

const CASES: readonly {
  readonly title: string
  readonly body: (engine: Engine) => Promise<void>
}[] = [
  {
    title: '[H14] attaching tells who is there, then what happens, to every hub in the same order',
    body: async (engine) => {
      const room = randomRoom()
      const one = await attach(engine, room)
      const first = await enter(one.channel)
      const other = await attach(engine, room)
      equal(other.events[0], { ...one.events[0], memberships: [first] }, 'snapshot')
      const second = await enter(other.channel)
      await one.channel.publish(createMessage(first.participant))
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
    title: '[H37] every hub can end a membership, and all hear that it was removed',
    body: async (engine) => {
      const room = randomRoom()
      const [one, other] = [await attach(engine, room), await attach(engine, room)]
      const member = await enter(one.channel)
      await other.channel.leave({ ...member, reason: 'removed' })
      for (const { events } of [one, other]) {
        equal(events.at(-1), { type: 'participantLeft', ...member, reason: 'removed' }, 'who left')
      }
    },
  },
  {
    title: '[H20] positions begin at one and grow by one, whatever hub publishes',
    body: async (engine) => {
      const room = randomRoom()
      const one = await attach(engine, room)
      const other = await attach(engine, room)
      const from = randomParticipant()
      for (const [index, { channel }] of [one, other, other, one].entries()) {
        const result = await channel.publish(createMessage(from))
        equal(result, { position: BigInt(index + 1), duplicate: false }, 'position')
      }
      equal(positionsOf(one.events), positionsOf(other.events), 'order')
      equal(positionsOf(one.events), [1n, 2n, 3n, 4n], 'positions')
    },
  },
  {
    title: '[H20] publishes at the same time get positions of their own',
    body: async (engine) => {
      const { channel, events } = await attach(engine)
      const from = randomParticipant()
      const results = await Promise.all(
        Array.from({ length: 50 }, () => channel.publish(createMessage(from))),
      )
      equal(new Set(results.map(({ position }) => position)).size, 50, 'number of positions')
      equal(positionsOf(events).length, 50, 'number of messages')
    },
  },
  {
    title: '[H21] the same id of the same sender is told once and keeps its position',
    body: async (engine) => {
      const { channel, events } = await attach(engine)
      const original = createMessage(randomParticipant())
      const { position } = await channel.publish(original)
      equal(await channel.publish(original), { position, duplicate: true }, 'repeated')
      const foreign = { ...original, from: randomParticipant() }
      const next = position + 1n
      equal(await channel.publish(foreign), { position: next, duplicate: false }, 'other sender')
      equal(positionsOf(events), [position, next], 'told')
    },
  },
  {
    title:
      '[H16] another entry of a participant replaces its membership, which cannot leave for it',
    body: async (engine) => {
      const { channel, events } = await attach(engine)
      const first = await enter(channel)
      const { participant } = first
      const entry = createEntry({ participant, maxParticipants: 1 })
      equal(await channel.enter(entry), 'entered', 'result')
      const { membership } = entry
      const previous = first.membership
      const replaced = { type: 'participantReplaced', participant, membership, previous }
      equal(events.at(-1), replaced, 'event')
      const { length } = events
      await channel.leave({ ...first, reason: 'lost' })
      equal(events.length, length, 'events after the replaced membership left')
    },
  },
  {
    title: '[H12] a full channel takes nobody more, until somebody leaves',
    body: async (engine) => {
      const { channel } = await attach(engine)
      const first = await enter(channel)
      await enter(channel)
      const entry = createEntry({ maxParticipants: 2 })
      equal(await channel.enter(entry), 'full', 'third')
      await channel.leave({ ...first, reason: 'left' })
      const again = { ...entry, membership: randomMembershipId() }
      equal(await channel.enter(again), 'entered', 'third again')
    },
  },
  {
    title: '[H18] channels share nothing, and a hub that detached is told nothing',
    body: async (engine) => {
      const one = await attach(engine)
      const other = await attach(engine)
      await enter(one.channel)
      equal(other.events.length, 1, 'events of another channel')
      await one.channel.detach()
      await one.channel.detach()
      const { length } = one.events
      await one.channel.publish(createMessage(randomParticipant())).catch(() => undefined)
      equal(one.events.length, length, 'events after detaching')
    },
  },
  {
    title: '[G3] a lane is a channel as a room is, and no two channels have one handle',
    body: async (engine) => {
      const lane = randomLane()
      const probes = [await attach(engine, lane), await attach(engine, lane)]
      const [one, other] = probes
      await one?.channel.publish(createMessage(randomParticipant()))
      equal(one?.events, other?.events, 'events')
      const others = [await attach(engine, randomLane()), await attach(engine)]
      const handles = [...others, ...probes.slice(1)].map(({ events: [event] }) =>
        event?.type === 'attached' ? event.handle : undefined,
      )
      equal(new Set(handles).size, 3, 'number of handles')
    },
  },
  {
    title:
      '[G12] a signal is told to every hub once, keeps no position, and comes twice when it is sent twice',
    body: async (engine) => {
      const lane = randomLane()
      const [one, other] = [await attach(engine, lane), await attach(engine, lane)]
      const message = { ...createMessage(randomParticipant()), to: randomParticipant() }
      one.channel.signal(message)
      one.channel.signal(message)
      // An engine over a network tells the signals before what was sent after them.
      const { position } = await one.channel.publish(message)
      equal(position, 1n, 'position of the message after the signals')
      for (const { events } of [one, other]) {
        const signals = events.filter(({ type }) => type === 'signal')
        equal(
          signals,
          [
            { type: 'signal', ...message },
            { type: 'signal', ...message },
          ],
          'signals',
        )
      }
    },
  },
  {
    title: '[G16] the data of an entry are told with it, also to hubs that come later',
    body: async (engine) => {
      const lane = randomLane()
      const one = await attach(engine, lane)
      const data = new Uint8Array(2048).fill(7)
      const entry = createEntry({ data })
      equal(await one.channel.enter(entry), 'entered', 'enter')
      const { participant, membership } = entry
      const bare = await enter(one.channel)
      const other = await attach(engine, lane)
      equal(one.events[1], { type: 'participantJoined', participant, membership, data }, 'joined')
      const memberships = [{ participant, membership, data }, bare]
      equal(other.events[0], { ...one.events[0], memberships }, 'snapshot')
      const again = createEntry({ participant, data: new Uint8Array([1]) })
      await one.channel.enter(again)
      equal(
        one.events.at(-1),
        {
          ...{ type: 'participantReplaced', participant, previous: membership },
          ...{ membership: again.membership, data: again.data },
        },
        'replaced',
      )
    },
  },
]
