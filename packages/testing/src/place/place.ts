/**
 * Rooms without a network.
 *
 * @module
 */
import {
  type OpenedRoomLink,
  type ParticipantMap,
  Room,
  type RoomOptions,
  createRoomLink,
  parseRoomLink,
} from '@conclave/client'
import { LocalHub, RawSession } from '@conclave/client/testing'
import { MemoryMedia } from '../media/memory-media.ts'
import type { Rule } from '../rules/rule.ts'
import type { Delivery } from '@conclave/client/testing'
import type { TestTime } from './test-time.ts'

/** Options of a {@link Place}. */
export interface PlaceOptions {
  /** Decides about messages; each arrives once without it. */
  readonly rule?: Rule<Delivery>
  /** Rooms live in this time, which passes only while you wait by `until` and its like; left out: in real time. */
  readonly time?: TestTime
  /** `calls`: rooms call each other by WebRTC, which needs a browser. By default tracks pass as they are. */
  readonly media?: 'calls'
  /** The link of the room; left out: a new one. */
  readonly link?: string
}

/** One room whose hub is in memory, and yours: everybody's messages go through `hub`. */
export class Place implements AsyncDisposable {
  readonly hub: LocalHub = new LocalHub({ atOnce: true })
  /** Give it to everybody who is to come in. */
  readonly link: string
  /** The link with its keys. */
  readonly opened: OpenedRoomLink
  readonly time: TestTime | undefined
  readonly #options: PlaceOptions
  readonly #media = new MemoryMedia()
  readonly #ends: (() => unknown)[] = []

  get [Symbol.toStringTag](): string {
    return 'Place'
  }

  private constructor(options: PlaceOptions, link: string, opened: OpenedRoomLink) {
    this.#options = options
    this.link = link
    this.opened = opened
    this.time = options.time
    this.hub.rule = options.rule
  }

  /** Makes a room that nobody is in. */
  static async create(options: PlaceOptions = {}): Promise<Place> {
    const { link = await createRoomLink('https://meet.example') } = options
    const opened = await parseRoomLink(link)
    if (opened.type !== 'ok') throw new TypeError(`"link" expected a link, got ${opened.reason}`)
    return new Place(options, link, opened)
  }

  /** Joins; with the options of a room. Resolves when the hub has let it in. */
  async join(name: string, options: RoomOptions = {}): Promise<Room> {
    const room = await this.#during(Room.join(this.link, this.#optionsOf(name, options)))
    this.#ends.push(() => room.leave())
    return room
  }

  /** Joins below a room: a member that says whatever you like. See `HostileMember` too. */
  async joinRaw(name: string, options: RoomOptions = {}): Promise<RawSession> {
    const session = await this.#during(RawSession.join(this.link, this.#optionsOf(name, options)))
    this.#ends.push(() => session.leave())
    return session
  }

  /** Resolves when all of these have each other in their rosters. */
  async haveMet(...rooms: readonly Room[]): Promise<void> {
    const ids = rooms.map(({ self }) => self.id)
    const sees = (room: Room): boolean =>
      ids.every((id) => id === room.self.id || room.participants.has(id))
    await this.until(() => rooms.every(sees), rooms)
  }

  /**
   * Resolves when something is so that rooms show: looked at after each change of one of them, or, with `time`, after each
   * step of it.
   */
  async until(isSo: () => boolean, rooms: readonly Room[]): Promise<void> {
    if (this.time !== undefined) return void (await this.time.until(isSo))
    if (isSo()) return
    await new Promise<void>((resolve) => {
      const stops = rooms.map((room) =>
        room.subscribe(() => {
          if (!isSo()) return
          for (const stop of stops) stop()
          resolve()
        }),
      )
    })
  }

  /** Everybody leaves. */
  async end(): Promise<void> {
    await this.#during(Promise.all(this.#ends.splice(0).map((end) => end())))
    this.opened.keys.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  #optionsOf(name: string, options: RoomOptions): RoomOptions {
    const { time } = this
    return {
      name,
      persons: false,
      transport: (self) => this.hub.transport(self),
      ...(this.#options.media !== 'calls' && { media: this.#media.transport }),
      ...(time !== undefined && { clock: time.clock }),
      ...options,
    }
  }

  #during<T>(promise: Promise<T>): Promise<T> {
    return this.time?.during(promise) ?? promise
  }
}

/**
 * Rooms that have met, by their names, and the {@link Place} that they are in.
 *
 * @example
 * ```ts
 * const { alice, bob, place } = await rooms('alice', 'bob')
 * ```
 */
export async function rooms<const Names extends readonly string[]>(
  ...names: Names
): Promise<Readonly<Record<Names[number], Room>> & { readonly place: Place }> {
  const place = await Place.create()
  const joined: Record<string, Room> = {}
  for (const name of names) {
    if (name === 'place' || Object.hasOwn(joined, name)) {
      throw new TypeError(`"names" expected different names other than "place", got ${name}`)
    }
    joined[name] = await place.join(name)
  }
  await place.haveMet(...Object.values(joined))
  return { ...(joined as Record<Names[number], Room>), place }
}

/** The names of the others in a room, sorted. */
export function namesIn({
  participants,
}: {
  readonly participants: ParticipantMap
}): readonly string[] {
  return [...participants.values()].map(({ name }) => name).toSorted()
}

/** The texts in a room's chat, oldest first. */
export function textsIn({ chat }: Pick<Room, 'chat'>): readonly string[] {
  return chat.messages.map(({ text }) => text)
}
