/**
 * Chat: text to everyone in the roster, sealed like everything else. spec R16, R17.
 *
 * @module
 */
import type { MessageId, ParticipantId } from '@conclave/wire'
import { type Kind, checkArgument } from '../arguments.ts'
import type { Sending } from '../messages/outgoing-streams.ts'
import type { SignedMessage } from '../history/history-log.ts'
import type { Missed } from '../messages/room-messages-api.ts'
import { decodeChat, encodeBody, MAX_CHAT_LENGTH, MESSAGE_KINDS } from '../messages/bodies.ts'
import type { PersonId } from '../persons/person-id.ts'
import { MissedList, type MissedMessages } from './missed-messages.ts'

/** A message in the chat. */
export interface ChatMessage {
  /** Unique in this session. */
  readonly id: string
  readonly from: ParticipantId
  /** The sender's name when the message came; of a message that was told, as the participant that told it says. */
  readonly name: string
  /** The person that certifies the sender's session. */
  readonly person: PersonId | undefined
  readonly text: string
  /** When it was written, by its sender's clock, but never later than it came; milliseconds since 1970. */
  readonly at: number
  /** Whether this session sent it, or an earlier session of the same person. */
  readonly own: boolean
  /**
   * The participant that repeated a message from before this session came, or from an absence of it. Its sender signed it; that the sender was in the
   * room, its name and that nothing is missing are that participant's word. `undefined` for all others. spec R64
   */
  readonly toldBy: ParticipantId | undefined
  /**
   * `sent` when the hub has accepted it; messages of other participants are always `sent`. `failed` when it was
   * refused: then it is removed from the messages of the chat.
   */
  readonly state: 'sending' | 'sent' | 'failed'
}

/** The part of a room that its chat uses. */
export interface ChatPort {
  readonly self: ParticipantId
  now(): number
  nameOf(participant: ParticipantId): string
  personOf(participant: ParticipantId): PersonId | undefined
  broadcast(kind: number, body: Uint8Array): Sending
  changed(message: ChatMessage): void
  /** Messages from before this session came were told. */
  told(messages: readonly ChatMessage[]): void
  /** Messages were missed. */
  missed(missed: readonly MissedMessages[]): void
}

/** The chat of a room, newest message last: as far back as this session was told, and then what its senders said to it. */
export class Chat {
  readonly #port: ChatPort
  readonly #waiting = new Map<MessageId, ChatMessage>()
  readonly #missed: MissedList
  /** The ids of the messages that senders said to this session, by their places in the senders' streams. */
  readonly #idByPlace = new Map<string, string>()
  #told: readonly ToldMessage[] = []
  #live: readonly ChatMessage[] = []
  #messages: readonly ChatMessage[] = Object.freeze([])
  #count = 0
  readonly #saidAll: (() => void)[] = []

  get [Symbol.toStringTag](): string {
    return 'Chat'
  }

  constructor(port: ChatPort) {
    this.#port = port
    this.#missed = new MissedList(() => port.now())
  }

  /** The newest 5,000 messages. Each change makes a new array. spec R24 */
  get messages(): readonly ChatMessage[] {
    return this.#messages
  }

  /**
   * Sends text to everyone. It appears in `messages` at once, as `sending`, and waits for the hub when that is away.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but text of 1 to 4,000 UTF-16 units
   * @throws ClientError `ERR_CLIENT_OVERFLOW` when too many messages wait for the hub, `ERR_CLIENT_CLOSED`
   *   when the room was left
   */
  async send(text: string): Promise<ChatMessage> {
    checkArgument('text', text, CHAT_TEXT)
    const at = this.#port.now()
    const { id, sent } = this.#port.broadcast(MESSAGE_KINDS.chat, encodeBody({ text, at }))
    const { self: from } = this.#port
    const message = this.#add({ from, text, at, own: true, state: 'sending', toldBy: undefined })
    this.#waiting.set(id, message)
    try {
      await sent
    } catch (error) {
      this.refused(id)
      throw error
    }
    return message
  }

  /** A sealed chat message has come in its turn; `false` when its body is malformed. */
  receive({ from, sequence, body }: Heard): boolean {
    const chat = decodeChat(body)
    if (chat === undefined) return false
    const at = Math.min(chat.at, this.#port.now())
    const { text } = chat
    const message = { from, text, at, own: false, state: 'sent', toldBy: undefined } as const
    this.#add(message, sequence)
    return true
  }

  /** A message of this session has its place in its stream. */
  said(id: MessageId, sequence: number): void {
    const message = this.#waiting.get(id)
    if (message !== undefined) this.#place(message.id, { from: message.from, sequence })
  }

  /**
   * Shows the messages that were told, oldest first, before all others, or after the one that each names. While members are
   * asked, what was missed is not said. spec R62, R99, R100
   */
  setTold(told: readonly SignedMessage[], isAsking = false): void {
    const before = new Map(this.#told.map(({ shown }) => [shown.id, shown]))
    this.#told = told.map((message) => {
      const { author, sequence, after } = message
      const id = `${author.id}:told:${sequence}`
      const shown = before.get(id) ?? this.#toldMessage(id, message)
      return { shown, after: after && placeKey({ ...after, from: after.author }) }
    })
    const added = this.#told.map(({ shown }) => shown).filter(({ id }) => !before.has(id))
    if (added.length > 0 || before.size > this.#told.length) {
      this.#show()
      this.#port.told(added)
    }
    if (this.#missed.told(told, isAsking)) this.#port.missed(this.missed)
  }

  /** The messages that this session was not given, because others had lost it. Each change makes a new array. spec R99 */
  get missed(): readonly MissedMessages[] {
    return this.#missed.list
  }

  /** The connection was lost, or is back. */
  connection(is: 'lost' | 'back'): void {
    if (is === 'lost') this.#missed.lost(this.#messages.at(-1)?.id)
    else this.#missed.back()
  }

  /** A participant names messages that this session is not given. */
  miss(missed: Missed, isAsking: boolean): void {
    this.#missed.add(missed, { newest: this.#messages.at(-1)?.id, isAsking })
    if (!isAsking) this.#port.missed(this.missed)
  }

  /** The hub has taken over a message. */
  acknowledged(id: MessageId): void {
    const message = this.#waiting.get(id)
    if (message === undefined || !this.#waiting.delete(id)) return
    const sent: ChatMessage = Object.freeze({ ...message, state: 'sent' })
    this.#live = this.#live.map((other) => (other.id === message.id ? sent : other))
    this.#show()
    this.#port.changed(sent)
    this.#tellSaid()
  }

  /** Resolves when nothing that this session wrote waits, for a key or for the hub. */
  async saidAll(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#saidAll.push(resolve))
  }

  /** The session ends: what waits is not taken over. spec R103 */
  end(): void {
    for (const id of [...this.#waiting.keys()]) this.refused(id)
  }

  /** A message is not taken over and never will be. */
  refused(id: MessageId): void {
    const message = this.#waiting.get(id)
    if (message === undefined || !this.#waiting.delete(id)) return
    this.#live = this.#live.filter((other) => other.id !== message.id)
    this.#show()
    this.#port.changed(Object.freeze({ ...message, state: 'failed' }))
    this.#tellSaid()
  }

  #tellSaid(): void {
    if (this.#waiting.size > 0) return
    for (const said of this.#saidAll.splice(0)) said()
  }

  #toldMessage(id: string, { author, chat, toldBy }: SignedMessage): ChatMessage {
    const { id: from, name, person } = author
    const at = Math.min(chat.at, this.#port.now())
    const own = person !== undefined && person === this.#port.personOf(this.#port.self)
    const { text } = chat
    return Object.freeze({ id, from, name, person, text, at, own, toldBy, state: 'sent' })
  }

  #add(message: Omit<ChatMessage, 'id' | 'name' | 'person'>, sequence?: number): ChatMessage {
    this.#count += 1
    const { from } = message
    const [name, person] = [this.#port.nameOf(from), this.#port.personOf(from)]
    const id = `${from}:${this.#count}`
    const added: ChatMessage = Object.freeze({ ...message, name, person, id })
    this.#live = [...this.#live, added].slice(-MAX_MESSAGES)
    if (sequence !== undefined) this.#place(id, { from, sequence })
    this.#show()
    this.#port.changed(added)
    return added
  }

  #place(id: string, place: Place): void {
    this.#idByPlace.set(placeKey(place), id)
    const [oldest] = this.#idByPlace.keys()
    if (this.#idByPlace.size > MAX_MESSAGES && oldest !== undefined) this.#idByPlace.delete(oldest)
  }

  #show(): void {
    const first: ChatMessage[] = []
    const toldById = new Map<string, ChatMessage[]>()
    for (const { shown, after } of this.#told) {
      const id = after && this.#idByPlace.get(after)
      const list = id === undefined ? first : (toldById.get(id) ?? [])
      list.push(shown)
      if (id !== undefined) toldById.set(id, list)
    }
    const rest =
      toldById.size === 0
        ? this.#live
        : this.#live.flatMap((message) => [message, ...(toldById.get(message.id) ?? [])])
    this.#messages = Object.freeze([...first, ...rest].slice(-MAX_MESSAGES))
  }
}

/** A message that was told, and the place of the one after which it goes; left out: before all others. */
interface ToldMessage {
  readonly shown: ChatMessage
  readonly after: string | undefined
}

interface Place {
  readonly from: ParticipantId
  readonly sequence: number
}

/** A message of another session in its turn. */
interface Heard extends Place {
  readonly body: Uint8Array
}

const placeKey = ({ from, sequence }: Place): string => `${from}:${sequence}`

const CHAT_TEXT: Kind = [
  `text of 1 to ${MAX_CHAT_LENGTH} characters`,
  (text) => typeof text === 'string' && text.length > 0 && text.length <= MAX_CHAT_LENGTH,
]
const MAX_MESSAGES = 5000
