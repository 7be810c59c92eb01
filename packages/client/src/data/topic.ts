/**
 * A topic: values between those participants who have it open.
 *
 * @module
 */
import { Emitter, isIntegerUpTo } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import {
  BOOLEAN,
  EVENT_TARGET,
  FUNCTION,
  type Kind,
  type Kinds,
  OBJECT,
  PARTICIPANT_ID,
  checkArgument,
  checkMembers,
  oneOf,
  optional,
  wrongArgument,
} from '../arguments.ts'
import { ClientError } from '../errors.ts'

/** Options of a topic. */
export interface TopicOptions<Value> {
  /**
   * `true`, the default: values come once and in order, as long as both sessions are in the room. `false`: for values that the next
   * one replaces, as of a cursor; those that find no space, and those that come after a newer one, are dropped. It is the sender's choice.
   */
  readonly reliable?: boolean | undefined
  /** Says whether a value is one of this topic: members may be hostile, and others are dropped and counted. Left out: every value is. */
  readonly accepts?: ((value: unknown) => value is Value) | undefined
}

/** Events of a topic. */
export interface TopicEvents<Value> {
  /** A participant sent a value. */
  readonly value: { readonly from: ParticipantId; readonly value: Value }
  /** A participant has the topic open from now on: it gets what is sent from now on, and nothing from before. */
  readonly opened: { readonly participant: ParticipantId }
  /** A participant closed the topic, or left. */
  readonly closed: { readonly participant: ParticipantId }
}

/** The result of sending to everyone. */
export interface TopicSending {
  /** Those who did not get the value, because too much waits for them: they confirm nothing. */
  readonly refused: readonly ParticipantId[]
}

/** Answers a request: with a value, or with an error, of which its sender learns only that there was one. */
export type TopicHandler = (
  /** Any value: check it, because a member may be hostile. */
  value: unknown,
  request: {
    readonly from: ParticipantId
    /** Aborts when the sender gives the request up, or leaves. */
    readonly signal: AbortSignal
  },
) => unknown

/** The side of a room's topics that one topic acts on. */
export interface TopicPort {
  /** Those who have the topic open. */
  readonly participants: readonly ParticipantId[]
  /** Sends a value to these; resolves to those who did not get it. */
  send(value: unknown, to: readonly ParticipantId[]): Promise<readonly ParticipantId[]>
  /** Sends a request; resolves to its answer. */
  request(
    value: unknown,
    options: {
      readonly to: ParticipantId
      readonly signal: AbortSignal | undefined
      readonly timeout: number
    },
  ): Promise<unknown>
  close(): void
}

/** Values to everyone who has the topic open, or to one of them. Made by `room.topic`. spec R174 to R177 */
export class Topic<Value = unknown> implements AsyncDisposable {
  readonly name: string
  readonly reliable: boolean
  readonly #port: TopicPort
  readonly #emitter = new Emitter<TopicEvents<Value>>()
  #isOpen = true
  #handler: TopicHandler | undefined

  get [Symbol.toStringTag](): string {
    return 'Topic'
  }

  /** Use `room.topic`. */
  constructor(name: string, options: { readonly reliable: boolean; readonly port: TopicPort }) {
    this.name = name
    this.reliable = options.reliable
    this.#port = options.port
  }

  /** Those who have the topic open, and get what is sent to everyone. */
  get participants(): readonly ParticipantId[] {
    return this.#port.participants
  }

  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof TopicEvents<Value>>(
    type: T,
    handler: (event: TopicEvents<Value>[T]) => void,
  ): () => void {
    checkArgument('type', type, EVENT)
    checkArgument('handler', handler, FUNCTION)
    return this.#emitter.on(type, handler)
  }

  /**
   * Sends a value, JSON or a `Uint8Array`, to everyone who has the topic open, or to one of them. Resolves when the value is on its way; of a
   * reliable topic, when there is space for it: wait for it before you send more.
   *
   * @throws TypeError for a value that is neither JSON nor bytes, or a wrong option
   * @throws RangeError for a value that is too large: send a file
   * @throws ClientError `ERR_CLIENT_NO_PARTICIPANT` if `to` has not opened the topic, `ERR_CLIENT_OVERFLOW` if too much waits for `to`,
   *   `ERR_CLIENT_CLOSED`
   */
  async send(
    value: Value,
    options: { readonly to?: ParticipantId | undefined } = {},
  ): Promise<TopicSending> {
    checkArgument('options', options, OBJECT)
    const { to } = options
    checkArgument('to', to, optional(PARTICIPANT_ID))
    if (!this.#isOpen) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    if (to === undefined) return { refused: await this.#port.send(value, this.participants) }
    if (!this.participants.includes(to)) {
      throw new ClientError('ERR_CLIENT_NO_PARTICIPANT', undefined)
    }
    const refused = await this.#port.send(value, [to])
    if (refused.length > 0) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    return { refused }
  }

  /**
   * Asks a participant who has the topic open; resolves to the answer of its handler. Check the answer: a member may be hostile.
   *
   * @param options.timeout in milliseconds; 30 s by default
   * @throws TypeError, RangeError as {@link Topic.send}
   * @throws ClientError `ERR_CLIENT_REQUEST`, whose `details.reason` says why there is no answer, `ERR_CLIENT_TIMEOUT`, `ERR_CLIENT_ABORTED`,
   *   `ERR_CLIENT_NO_PARTICIPANT`, also when the participant leaves, `ERR_CLIENT_OVERFLOW`, `ERR_CLIENT_CLOSED`
   */
  async request(
    value: unknown,
    options: {
      readonly to: ParticipantId
      readonly signal?: AbortSignal | undefined
      readonly timeout?: number | undefined
    },
  ): Promise<unknown> {
    checkArgument('options', options, OBJECT)
    const { to, signal, timeout = REQUEST_MS } = options
    checkArgument('to', to, PARTICIPANT_ID)
    checkArgument('signal', signal, optional(EVENT_TARGET))
    checkArgument('timeout', timeout, MILLISECONDS)
    if (!this.#isOpen) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    if (!this.participants.includes(to)) {
      throw new ClientError('ERR_CLIENT_NO_PARTICIPANT', undefined)
    }
    return this.#port.request(value, { to, signal, timeout })
  }

  /**
   * Answers requests from now on, until the returned function is called.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT` for anything but a function, and where the topic has a handler
   */
  handle(handler: TopicHandler): () => void {
    checkArgument('handler', handler, FUNCTION)
    if (this.#handler !== undefined) throw wrongArgument('handler', handler, 'to be the only one')
    this.#handler = handler
    return () => {
      if (this.#handler === handler) this.#handler = undefined
    }
  }

  /** Not for applications. */
  get handler(): TopicHandler | undefined {
    return this.#handler
  }

  /** Closes the topic: the others learn it, and nothing comes any longer. Can be called again; never rejects. */
  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#port.close()
    this.#emitter.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Tells the application. Not for applications. */
  tell<T extends keyof TopicEvents<Value>>(type: T, event: TopicEvents<Value>[T]): void {
    this.#emitter.emit(type, event)
  }
}

/** @throws TypeError `ERR_CLIENT_ARGUMENT` */
export function checkTopicOptions(options: TopicOptions<never>): void {
  checkMembers('options', options, OPTIONS)
}

const OPTIONS: Kinds<TopicOptions<never>> = {
  reliable: optional(BOOLEAN),
  accepts: optional(FUNCTION),
}
const REQUEST_MS = 30_000
const MILLISECONDS: Kind = [
  'milliseconds from 1',
  (value) => isIntegerUpTo(2 ** 31 - 1, value) && Number(value) > 0,
]
const EVENT = oneOf('value', 'opened', 'closed')
