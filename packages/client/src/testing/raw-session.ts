/**
 * A session below its room, for programs that say what no room says.
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { MESSAGE_KINDS, encodeBody } from '../messages/bodies.ts'
import { type RoomParts, composeRoom } from '../room/join-room.ts'
import type { RoomOptions, RoomTarget } from '../room/room-api.ts'

/** The names and numbers of the kinds of messages in a room. spec R7 */
export const KINDS: typeof MESSAGE_KINDS = MESSAGE_KINDS

/** The name of a kind of message. */
export type KindName = keyof typeof MESSAGE_KINDS

/**
 * A member of a room that holds the link, is in every roster, and says whatever it is told to: bodies of any shape and kind
 * are sealed and signed as its own. It has no media and answers nothing.
 */
export class RawSession {
  /** Those whom this session sees, by id, with the names that they give. */
  readonly nameById: Map<ParticipantId, string> = new Map()
  /** The bodies that came, as far as they are JSON, oldest first. */
  readonly heard: {
    readonly from: ParticipantId
    readonly kind: number
    readonly body: unknown
  }[] = []
  readonly #parts: RoomParts<KeySource>

  get [Symbol.toStringTag](): string {
    return 'RawSession'
  }

  private constructor(parts: RoomParts<KeySource>) {
    this.#parts = parts
    const { messages } = parts
    messages.on('joined', ({ participant, info }) => this.nameById.set(participant, info.name))
    messages.on('left', ({ participant }) => this.nameById.delete(participant))
    messages.on('message', ({ from, kind, body }) => {
      this.heard.push({ from, kind, body: jsonOf(body) })
      if (this.heard.length > MAX_HEARD) this.heard.shift()
    })
  }

  /** Joins a room; with the options of a room, except for media. */
  static async join(target: string | RoomTarget, options: RoomOptions = {}): Promise<RawSession> {
    const parts = await composeRoom(target, { persons: false, ...options, media: false })
    const session = new RawSession(parts)
    await parts.transport.open()
    return session
  }

  get id(): ParticipantId {
    return this.#parts.self
  }

  /**
   * Says something to one participant, or to the room. Resolves when it is sealed and handed to the transport.
   *
   * @param body bytes, or a value that becomes JSON
   * @throws ClientError `ERR_CLIENT_OVERFLOW`, `ERR_CLIENT_CLOSED`
   */
  async say(kind: number, body: unknown, to?: ParticipantId): Promise<void> {
    const bytes = ArrayBuffer.isView(body) ? (body as Uint8Array) : encodeBody(body as object)
    if (to === undefined) await this.#parts.messages.broadcast(kind, bytes).sent
    else await this.#parts.messages.send(to, kind, bytes)
  }

  /** Says a hello, which asks for whatever `changes` says; without them it is what a session says that heard nothing yet. */
  async hello(to: ParticipantId, changes: object = {}): Promise<void> {
    const { sealer, name } = this.#parts
    const next = { room: Number(sealer.next()), direct: Number(sealer.next(to)) }
    const nothing = { room: 0, direct: 0 }
    const info = { name, published: {} }
    const received = { ...nothing, hello: null, key: null }
    const hello = { reply: true, next, oldest: nothing, first: nothing, missed: [], received, info }
    await this.say(MESSAGE_KINDS.hello, { ...hello, ...changes }, to)
  }

  /** Says something in the signalling of media: to one participant, as a sending side hears it, or as a receiving side does. */
  async signal(to: ParticipantId, side: 'sender' | 'receiver', message: object): Promise<void> {
    await this.say(MESSAGE_KINDS.signal, { side, message: { id: this.id, ...message } }, to)
  }

  /** The newest signal of a type that a participant sent to this session. */
  lastSignal(from: ParticipantId, type: string): Readonly<Record<string, unknown>> | undefined {
    const signals = this.heard.flatMap((message) => {
      if (message.from !== from || message.kind !== MESSAGE_KINDS.signal) return []
      const { message: signal } = message.body as { message: Readonly<Record<string, unknown>> }
      return signal['type'] === type ? [signal] : []
    })
    return signals.at(-1)
  }

  /** Leaves. */
  leave(): void {
    this.#parts.messages.close()
    this.#parts.persons.close()
    this.#parts.transport.close()
    this.#parts.release()
  }
}

const MAX_HEARD = 4096

const jsonOf = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
