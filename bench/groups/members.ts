/**
 * The members of a room, all in this process: some only listen, others send media.
 *
 * @module
 */
import {
  type MediaTransport,
  type MediaTransportFactory,
  Room,
  type RoomOptions,
  createRoomLink,
} from '@conclave/client'
import type { Place } from './place.ts'

/** A room of listeners, or of senders of media. */
export class Members {
  readonly rooms: Room[] = []
  readonly #link: string
  readonly #options: RoomOptions
  readonly #sends: boolean

  private constructor(link: string, options: RoomOptions, sends: boolean) {
    this.#link = link
    this.#options = options
    this.#sends = sends
  }

  /** @param options.sends whether they send media */
  static async create(place: Place, options: { readonly sends: boolean }): Promise<Members> {
    return new Members(await createRoomLink(place.base), place.options, options.sends)
  }

  /** So many more; resolves when all have each other in their rosters. */
  async join(count = 1): Promise<void> {
    const joining = Array.from({ length: count }, (_, at) =>
      Room.join(this.#link, {
        ...{ ...this.#options, name: `member ${this.rooms.length + at}`, persons: false },
        media: this.#sends ? sendFrames : false,
      }),
    )
    const joined = await Promise.all(joining)
    this.rooms.push(...joined)
    await this.#until((each) => each.participants.size === this.rooms.length - 1)
    if (!this.#sends) return
    for (const room of joined) await room.publish(new FakeStream() as unknown as MediaStream)
  }

  /** The last one goes; resolves when it is gone for all others. */
  async leave(): Promise<void> {
    const room = this.rooms.pop()
    if (room === undefined) throw new Error('unreachable: nobody is there')
    const gone = this.#until((each) => each.participants.size === this.rooms.length - 1)
    await room.leave()
    await gone
  }

  /** The first one says something; resolves when all have read it. */
  async say(text: string): Promise<void> {
    const [first, ...others] = this.rooms
    const read = this.#until(({ chat }) => chat.messages.at(-1)?.text === text, others)
    await first?.chat.send(text)
    await read
  }

  async end(): Promise<void> {
    await Promise.all(this.rooms.splice(0).map((room) => room.leave()))
  }

  async #until(holds: (room: Room) => boolean, rooms: readonly Room[] = this.rooms): Promise<void> {
    await Promise.all(
      rooms.map(
        (room) =>
          new Promise<void>((resolve) => {
            const look = (): boolean => {
              if (!holds(room)) return false
              stop()
              resolve()
              return true
            }
            let stop = (): void => {}
            if (look()) return
            stop = room.subscribe(() => void look())
          }),
      ),
    )
  }
}

/** Media without frames: what matters here is that a session sends some, and so changes its key at once. */
const sendFrames: MediaTransportFactory = ({ self }) => {
  const handlers = new Set<(event: unknown) => void>()
  return {
    on(type, handler) {
      if (type === 'e2eeStateChanged') handlers.add(handler as (event: unknown) => void)
      return () => {}
    },
    setTrack(source, track) {
      if (track === null || source !== 'camera') return
      const state = 'EncryptionSuccess'
      for (const handler of handlers) handler({ participant: self, source, kind: 'video', state })
    },
    addParticipant() {},
    removeParticipant() {},
    resync() {},
    stats: async () => ({}) as never,
    close: async () => {},
  } satisfies MediaTransport
}

class FakeTrack extends EventTarget {
  readonly readyState = 'live'
}

class FakeStream {
  readonly #tracks = [new FakeTrack()]
  getAudioTracks(): readonly FakeTrack[] {
    return []
  }
  getVideoTracks(): readonly FakeTrack[] {
    return this.#tracks
  }
}
