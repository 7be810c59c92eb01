/**
 * Chat: text to everyone in the roster, sealed like everything else. spec R16, R17.
 *
 * @module
 */
import type { MessageId, ParticipantId } from '@conclave/wire'
import { type Kind, checkArgument } from '../arguments.ts'
import type { Sending } from '../messages/outgoing-streams.ts'
import { decodeChat, encodeBody, MAX_CHAT_LENGTH, MESSAGE_KINDS } from '../messages/bodies.ts'

/** A message in the chat. */
export interface ChatMessage {
  /** Unique in this session. */
  readonly id: string
  readonly from: ParticipantId
  /** The sender's name when the message came. */
  readonly name: string
  readonly text: string
  /** When it was written, by its sender's clock, but never later than it came; milliseconds since 1970. */
  readonly at: number
  readonly own: boolean
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
  broadcast(kind: number, body: Uint8Array): Sending
  changed(message: ChatMessage): void
}

/** The chat of a room, newest message last, as far back as this session has been in the roster of its senders. */
export class Chat {
  readonly #port: ChatPort
  readonly #waiting = new Map<MessageId, ChatMessage>()
  #messages: readonly ChatMessage[] = Object.freeze([])
  #count = 0

  get [Symbol.toStringTag](): string {
    return 'Chat'
  }

  constructor(port: ChatPort) {
    this.#port = port
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
    const message = this.#add({ from: this.#port.self, text, at, own: true, state: 'sending' })
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
  receive(from: ParticipantId, body: Uint8Array): boolean {
    const chat = decodeChat(body)
    if (chat === undefined) return false
    const at = Math.min(chat.at, this.#port.now())
    this.#add({ from, text: chat.text, at, own: false, state: 'sent' })
    return true
  }

  /** The hub has taken over a message. */
  acknowledged(id: MessageId): void {
    const message = this.#waiting.get(id)
    if (message === undefined || !this.#waiting.delete(id)) return
    const sent: ChatMessage = Object.freeze({ ...message, state: 'sent' })
    this.#messages = Object.freeze(
      this.#messages.map((other) => (other.id === message.id ? sent : other)),
    )
    this.#port.changed(sent)
  }

  /** A message is not taken over and never will be. */
  refused(id: MessageId): void {
    const message = this.#waiting.get(id)
    if (message === undefined || !this.#waiting.delete(id)) return
    this.#messages = Object.freeze(this.#messages.filter((other) => other.id !== message.id))
    this.#port.changed(Object.freeze({ ...message, state: 'failed' }))
  }

  #add(message: Omit<ChatMessage, 'id' | 'name'>): ChatMessage {
    this.#count += 1
    const name = this.#port.nameOf(message.from)
    const id = `${message.from}:${this.#count}`
    const added: ChatMessage = Object.freeze({ ...message, name, id })
    this.#messages = Object.freeze([...this.#messages, added].slice(-MAX_MESSAGES))
    this.#port.changed(added)
    return added
  }
}

const CHAT_TEXT: Kind = [
  `text of 1 to ${MAX_CHAT_LENGTH} characters`,
  (text) => typeof text === 'string' && text.length > 0 && text.length <= MAX_CHAT_LENGTH,
]
const MAX_MESSAGES = 5000
