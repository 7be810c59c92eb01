/** Rooms with an owner, over a hub in memory, in virtual time. */
import { type OwnerKeys, generateOwnerKeys } from '@conclave/e2ee/authority'
import type { ParticipantId } from '@conclave/wire'
import { TestTime, type VirtualClock } from '@conclave/testing'
import {
  type OpenedRoomLink,
  Room,
  type RoomOptions,
  createRoomLink,
  parseRoomLink,
} from '../../src/index.ts'
import { Admission } from '../../src/admission/admission.ts'
import { RoomMessages } from '../../src/messages/room-messages.ts'
import { LocalHub, type LocalTransport } from '../../src/testing/index.ts'
import { memoryPersons } from '../persons/memory-storage.ts'

export interface GovernedRoom {
  readonly hub: LocalHub
  readonly clock: VirtualClock
  readonly owner: OwnerKeys
  readonly href: string
  readonly link: OpenedRoomLink
  readonly transports: Map<ParticipantId, LocalTransport>
  /** Joins as another browser. */
  join(name: string, options?: RoomOptions): Promise<Room>
  /** Joins on the owner's device. */
  joinAsOwner(name: string, options?: RoomOptions): Promise<Room>
  /** Lets time pass until it holds. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>
  /** Lets so much time pass that everything settles. */
  pass(seconds: number): Promise<void>
  /** Lets time pass until it is settled: what is said may wait for a change of key. */
  settle<T>(promise: Promise<T>): Promise<T>
  leave(): Promise<void>
}

/** A room of a hub in memory that delivers by itself; `leave` ends all sessions. */
export async function governedRoom(): Promise<GovernedRoom> {
  const hub = new LocalHub({ atOnce: true })
  const time = new TestTime({ stepMs: 50, turns: 1 })
  const { clock } = time
  const owner = await generateOwnerKeys({ exportable: true })
  const href = await createRoomLink('https://meet.example', { owner })
  const link = await parseRoomLink(href)
  if (link.type === 'invalid') throw new Error(`expected a link, got ${link.reason}`)
  const rooms: Room[] = []
  const transports = new Map<ParticipantId, LocalTransport>()
  const transport = (self: ParticipantId): LocalTransport => {
    const made = hub.transport(self)
    transports.set(self, made)
    return made
  }
  const join = async (name: string, options: RoomOptions = {}): Promise<Room> => {
    const persons = memoryPersons()
    const given = { name, media: false, transport, clock, persons, ...options }
    const { room, messages, admission } = await joinAndCatch(() => Room.join(href, given))
    messagesByRoom.set(room, messages)
    admissionByRoom.set(room, admission)
    rooms.push(room)
    return room
  }
  const settle = <T>(promise: Promise<T>): Promise<T> => time.during(promise, PATIENCE)
  return {
    ...{ hub, clock, owner, href, link, transports, join, settle },
    joinAsOwner: (name, options) => join(name, { owner, ...options }),
    until: async (holds) => void (await time.until(holds, PATIENCE)),
    pass: (seconds) => time.pass(1000 * seconds),
    async leave() {
      await settle(Promise.all(rooms.splice(0).map((room) => room.leave())))
      link.keys.close()
    },
  }
}

/** In virtual time, which runs ahead of cryptography. */
const PATIENCE = { withinMs: 600_000 }

/** The messages of a session, for programs that do what they like with them. */
export function messagesOf(room: Room): RoomMessages {
  const messages = messagesByRoom.get(room)
  if (messages === undefined) throw new Error('expected a session of this file')
  return messages
}

/** The judgement of a session, for tests that let it have seen many others. */
export function admissionOf(room: Room): Admission {
  const admission = admissionByRoom.get(room)
  if (admission === undefined) throw new Error('expected a session of this file')
  return admission
}

const messagesByRoom = new WeakMap<Room, RoomMessages>()
const admissionByRoom = new WeakMap<Room, Admission>()

/** A room shows its parts to nobody: they are caught while it connects them. */
const joinAndCatch = async (
  join: () => Promise<Room>,
): Promise<{
  readonly room: Room
  readonly messages: RoomMessages
  readonly admission: Admission
}> => {
  const messages = catchFirst(RoomMessages.prototype)
  const admission = catchFirst(Admission.prototype)
  try {
    const room = await join()
    return { room, messages: messages.caught(), admission: admission.caught() }
  } finally {
    messages.stop()
    admission.stop()
  }
}

/** Catches the first object of a class on which somebody listens. */
const catchFirst = <T extends { on: unknown }>(prototype: T): { caught(): T; stop(): void } => {
  const on = prototype.on as (...args: unknown[]) => unknown
  const all: T[] = []
  prototype.on = function (this: T, ...args: unknown[]) {
    all.push(this)
    return on.apply(this, args)
  }
  return {
    caught() {
      const [first] = all
      if (first === undefined) throw new Error('expected somebody to listen')
      return first
    },
    stop() {
      prototype.on = on
    },
  }
}

export { namesIn } from '@conclave/testing'

/** The standing of a session. */
export function standingOf(room: Room): string {
  return room.snapshot.authority.standing
}

/** The names of those who ask, as a session sees them. */
export function askingIn(room: Room): readonly string[] {
  return room.snapshot.authority.asking.map(({ name }) => name)
}
