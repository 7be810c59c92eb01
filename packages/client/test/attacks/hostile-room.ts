/** Whole rooms over a hub that an attacker owns, and an attacker that forgets nothing. */
import {
  type KeySource,
  ParticipantKeyGrant,
  ParticipantKeySource,
  type Sealer,
  createSealer,
  decodeEnvelopeHeader,
} from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { OpenedRoomLink, Room, RoomOptions } from '../../src/index.ts'
import type { Delivery } from '../../src/testing/index.ts'
import { type GovernedRoom, governedRoom, messagesOf } from '../admission/governed-room.ts'
import { createForger } from '../messages/session-parts.ts'
import { TestMedia } from '../support.ts'

/** A room whose hub the test owns. Its tape is `hub.seen`: every message that was ever published. */
export interface HostileRoom extends GovernedRoom {
  /** Decides which deliveries of the sessions reach their receivers; the hub keeps the others. */
  passes: (delivery: Delivery) => boolean
  /** Brings bytes to a session, as if `from` had sent them. */
  play(to: Room, message: { readonly from: ParticipantId; readonly payload: Uint8Array }): void
  /** Tells a session that another one comes. */
  tellJoined(to: Room, who: ParticipantId): void
  /** Tells a session that another one left, or that its connection was lost. */
  tellLeft(to: Room, who: ParticipantId, reason?: 'left' | 'lost'): void
  /** Joins with a program that keeps every key that it is given. */
  joinAsMallory(): Promise<Mallory>
  /** Says something in the chat, and lets time pass until the hub has it. */
  say(room: Room, text: string): Promise<void>
  /** The messages that were published since, without repetitions of earlier ones. */
  newSince(at: number): readonly Delivery[]
  /** Lets time pass until all of these have each other in their rosters, and nobody else. */
  haveMet(...rooms: readonly Room[]): Promise<void>
}

/** A room over a hostile hub, in virtual time; the sessions have media that the test carries. */
export async function hostileRoom(): Promise<HostileRoom> {
  const governed = await governedRoom()
  const { hub, transports, link } = governed
  const joinWith = async (
    name: string,
    options: RoomOptions,
    hasKeys: (keys: ParticipantKeySource) => void = () => {},
  ): Promise<Room> => {
    let media: TestMedia | undefined
    const joined = await governed.join(name, {
      media(context) {
        hasKeys(context.keys as ParticipantKeySource)
        return (media = new TestMedia(context))
      },
      ...options,
    })
    if (media !== undefined) mediaByRoom.set(joined, media)
    return joined
  }
  const join: GovernedRoom['join'] = (name, options = {}) => joinWith(name, options)
  const room: HostileRoom = {
    ...governed,
    join,
    joinAsOwner: (name, options) => join(name, { owner: governed.owner, ...options }),
    passes: () => true,
    play: (to, { from, payload }) => hub.invent({ from, to: to.self.id, payload }),
    tellJoined: (to, participant) =>
      transports.get(to.self.id)?.tell('participantJoined', { participant }),
    tellLeft: (to, participant, reason = 'left') =>
      transports.get(to.self.id)?.tell('participantLeft', { participant, reason }),
    async joinAsMallory() {
      const grants: Grant[] = []
      const joined = await joinWith('Mallory', {}, (keys) => keepGrants(keys, grants))
      return new Mallory(joined, { link, grants })
    },
    async say(speaker, text) {
      let isSent = false
      const sent = speaker.chat.send(text).then(() => {
        isSent = true
      })
      await governed.until(() => isSent)
      await sent
    },
    newSince(at) {
      const earlier = new Set(hub.seen.slice(0, at).map(({ payload }) => payload))
      return hub.seen.slice(at).filter(({ payload }) => !earlier.has(payload))
    },
    haveMet: (...rooms) =>
      governed.until(() =>
        rooms.every(({ participants }) => participants.size === rooms.length - 1),
      ),
  }
  hub.rule = (delivery, deliver) => {
    if (room.passes(delivery)) deliver(delivery)
  }
  return room
}

export { textsIn } from '@conclave/testing'

/** Whether a recorded message claims to be for everyone. */
export function isToRoom({ payload }: Delivery): boolean {
  return decodeEnvelopeHeader(payload)?.audience === 'room'
}

/** The media of a session of a hostile room; its `context` has the keys of the session. */
export function mediaOf(room: Room): TestMedia {
  const media = mediaByRoom.get(room)
  if (media === undefined) throw new Error('expected a session of this file')
  return media
}

const mediaByRoom = new WeakMap<Room, TestMedia>()

/** A member, or a former one, with the link and the hub's help. */
export class Mallory {
  readonly room: Room
  readonly #link: OpenedRoomLink
  readonly #grants: readonly Grant[]

  constructor(
    room: Room,
    { link, grants }: { readonly link: OpenedRoomLink; readonly grants: readonly Grant[] },
  ) {
    this.room = room
    this.#link = link
    this.#grants = grants
  }

  /** Her session below its room, to say what no room says. */
  get messages(): ReturnType<typeof messagesOf> {
    return messagesOf(this.room)
  }

  /**
   * Seals to the room as `victim`, under the key that she was given.
   *
   * @param sealed a message of `victim` to the room
   */
  async forgerOf(victim: ParticipantId, sealed: Uint8Array): Promise<Sealer> {
    const { self } = this.room
    const { room } = this.#link
    for (const keys of this.#keptOf(victim, self.id)) {
      const opened = await createSealer({ keys, room, unsafeSelf: self.id }).open(victim, sealed)
      if (opened.type === 'opened') return createForger({ roomKeys: keys, room }, victim, sealed)
    }
    throw new Error('expected a message under a key that she was given')
  }

  /** The contents of recorded messages that open by the link, or by a key that she was ever given. */
  async reads(tape: readonly Delivery[]): Promise<string> {
    const found: string[] = []
    for (const { from, to, payload } of tape) {
      if (from === this.room.self.id) continue
      for (const keys of [this.#link.keys, ...this.#keptOf(from, to)]) {
        const sealer = createSealer({ keys, room: this.#link.room, unsafeSelf: to })
        const opened = await sealer.open(from, payload)
        if (opened.type === 'opened') found.push(Buffer.from(opened.body).toString())
      }
    }
    return found.join('\n')
  }

  /** Whether she can derive the key under which a session seals its frames in this epoch; left out: now. */
  async opensFramesOf(
    room: Room,
    epoch: bigint = mediaOf(room).context.keys.epoch ?? 0n,
  ): Promise<boolean> {
    const { id } = room.self
    const tries = this.#keptOf(id, this.room.self.id).map((keys) =>
      keys.export('label', new Uint8Array(), 16, epoch, id).then(
        () => true,
        () => false,
      ),
    )
    return (await Promise.all(tries)).includes(true)
  }

  /** A key source for each key of `from` that she was given: a live one would have ended the earlier ones. */
  #keptOf(from: ParticipantId, self: ParticipantId): readonly KeySource[] {
    return this.#grants
      .filter(({ of }) => of === from)
      .map(({ grant }) => {
        const keys = new ParticipantKeySource(self)
        keys.setParticipantKey(from, grant)
        return keys
      })
  }
}

interface Grant {
  readonly of: ParticipantId
  readonly grant: ParticipantKeyGrant
}

const keepGrants = (source: ParticipantKeySource, grants: Grant[]): void => {
  const take = source.setParticipantKey.bind(source)
  source.setParticipantKey = (of, grant) => {
    grants.push({ of, grant: new ParticipantKeyGrant(grant, grant.unsafeExport()) })
    return take(of, grant)
  }
}
