/** Rooms for tests, over a hub in memory. */
import { Emitter } from '@conclave/base'
import type { MediaStats } from '@conclave/media'
import { expect } from 'vitest'
import { Room, createRoomLink, parseRoomLink } from '../src/index.ts'
import type {
  MediaContext,
  MediaTransport,
  MediaTransportEvents,
  OpenedRoomLink,
  RoomOptions,
  TrackSource,
} from '../src/index.ts'
import { LocalHub } from '../src/testing/index.ts'

export { TestTrack, asTrack, streamOf } from '@conclave/testing'

/** A link to a new room with its keys. */
async function openedLink(): Promise<OpenedRoomLink> {
  const link = await parseRoomLink(await createRoomLink('https://meet.example'))
  if (link.type === 'invalid') throw new Error(`expected a link, got ${link.reason}`)
  return link
}

/** Resolves when all of these sessions have each other in their rosters. */
export async function haveMet(rooms: readonly Room[]): Promise<void> {
  for (const room of rooms) {
    await expect.poll(() => room.participants.size).toBe(rooms.length - 1)
  }
}

/** A room of a hub in memory that delivers by itself; `leave` ends all sessions. */
export async function localRoom(): Promise<{
  readonly hub: LocalHub
  readonly link: OpenedRoomLink
  join(name: string, options?: RoomOptions): Promise<Room>
  leave(): Promise<void>
}> {
  const hub = new LocalHub({ atOnce: true })
  const link = await openedLink()
  const rooms: Room[] = []
  return {
    hub,
    link,
    async join(name, options = {}) {
      const transport = hub.transport.bind(hub)
      const room = await Room.join(link, { name, media: false, transport, ...options })
      rooms.push(room)
      return room
    },
    async leave() {
      await Promise.all(rooms.splice(0).map((room) => room.leave()))
      link.keys.close()
    },
  }
}

/** Media that the test carries. */
export class TestMedia extends Emitter<MediaTransportEvents> implements MediaTransport {
  readonly log: unknown[] = []
  readonly context: MediaContext

  constructor(context: MediaContext) {
    super()
    this.context = context
  }

  addParticipant(participant: string): void {
    this.log.push(`add ${participant}`)
  }

  removeParticipant(participant: string): void {
    this.log.push(`remove ${participant}`)
  }

  setTrack(source: TrackSource, track: MediaStreamTrack | null): void {
    this.log.push([source, track])
  }

  resync(participant?: string): void {
    this.log.push(participant === undefined ? 'resync' : `resync ${participant}`)
  }

  async stats(): Promise<MediaStats> {
    return { tracks: [], dropped: {} } as unknown as MediaStats
  }

  async close(): Promise<void> {
    this.log.push('close')
  }
}
