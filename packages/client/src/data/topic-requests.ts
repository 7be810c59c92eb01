/**
 * Requests between two sessions in a topic, and their answers: each comes once, or fails with a reason. spec R179
 *
 * @module
 */
import { ByteReader, type Clock, concatBytes, uintToBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { ClientError, type RequestFailure } from '../errors.ts'
import type { TopicHandler } from './topic.ts'
import { type TopicMessage, decodeValue, encodeValue } from './topic-frame.ts'

/** The needs of {@link TopicRequests}. */
export interface TopicRequestsOptions {
  readonly clock: Clock
  /** Writes a message to a participant; resolves to whether it is taken. */
  readonly say: (
    to: ParticipantId,
    type: TopicMessage['type'],
    topic: string,
    value: Uint8Array,
  ) => Promise<boolean>
  /** The handler of a topic. */
  readonly handlerOf: (topic: string) => TopicHandler | undefined
}

/** A request of this session, as its application makes it. */
export interface TopicRequest {
  readonly to: ParticipantId
  readonly topic: string
  readonly value: Uint8Array
  readonly signal?: AbortSignal | undefined
  readonly timeout: number
}

/** The requests of this session, and those that it handles. */
export class TopicRequests {
  readonly #options: TopicRequestsOptions
  readonly #asked = new Map<number, Asked>()
  readonly #handled = new Map<string, Handled>()
  #next = 1

  constructor(options: TopicRequestsOptions) {
    this.#options = options
  }

  /** Asks a participant. */
  async ask({ to, topic, value, signal, timeout }: TopicRequest): Promise<unknown> {
    if (signal?.aborted) throw abortedBy(signal)
    if (this.#asked.size >= MAX_ASKED) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    const { clock, say } = this.#options
    const id = this.#next
    this.#next = (this.#next + 1) % 2 ** 32
    let end: Asked['end'] = () => {}
    const answer = new Promise<unknown>((resolve, reject) => {
      end = ({ value: answered, error }) => {
        this.#asked.delete(id)
        if (error === undefined) resolve(answered)
        else reject(error)
      }
    })
    this.#asked.set(id, { to, topic, end })
    const giveUp = (error: ClientError): void => {
      end({ error })
      void say(to, 'cancel', topic, uintToBytes(id, ID_BYTES))
    }
    const abort = (): void => giveUp(abortedBy(signal))
    signal?.addEventListener('abort', abort)
    const timer = clock.setTimeout(
      () => giveUp(new ClientError('ERR_CLIENT_TIMEOUT', undefined)),
      timeout,
    )
    try {
      void say(to, 'request', topic, concatBytes(uintToBytes(id, ID_BYTES), value)).then(
        (isTaken) => {
          if (!isTaken) end({ error: new ClientError('ERR_CLIENT_OVERFLOW', undefined) })
        },
      )
      return await answer
    } finally {
      clock.clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** A message of a request came; `false` when it is none. */
  receive(from: ParticipantId, { type, topic, value }: TopicMessage): boolean {
    const reader = new ByteReader(value)
    const id = reader.uint(ID_BYTES)
    const content = reader.copy(reader.left)
    if (!reader.ok) return false
    if (type === 'request') return this.#handle(from, { id, topic, content })
    if (type === 'cancel') {
      this.#handled.get(`${from} ${id}`)?.controller.abort()
      return true
    }
    const asked = this.#asked.get(id)
    // It was given up, or somebody answers in the place of another one.
    if (asked?.to !== from || asked.topic !== topic) return true
    return this.#answered(asked, type, content)
  }

  /** A participant left. */
  left(participant: ParticipantId): void {
    this.#end(
      ({ to }) => to === participant,
      ({ from }) => from === participant,
      'ERR_CLIENT_NO_PARTICIPANT',
    )
  }

  /** A topic is closed. */
  closed(name: string): void {
    const isOfIt = ({ topic }: { readonly topic: string }): boolean => topic === name
    this.#end(isOfIt, isOfIt, 'ERR_CLIENT_CLOSED')
  }

  #answered(asked: Asked, type: TopicMessage['type'], content: Uint8Array): boolean {
    if (type === 'failure') {
      const reason = FAILURES[content[0] ?? 0] ?? 'failed'
      asked.end({ error: new ClientError('ERR_CLIENT_REQUEST', { reason }) })
      return true
    }
    const decoded = decodeValue(content)
    if (decoded === undefined) {
      asked.end({ error: new ClientError('ERR_CLIENT_REQUEST', { reason: 'failed' }) })
      return false
    }
    asked.end(decoded)
    return true
  }

  #handle(
    from: ParticipantId,
    {
      id,
      topic,
      content,
    }: { readonly id: number; readonly topic: string; readonly content: Uint8Array },
  ): boolean {
    const { handlerOf } = this.#options
    const decoded = decodeValue(content)
    const handler = handlerOf(topic)
    const open = [...this.#handled.values()].filter((handled) => handled.from === from).length
    const key = `${from} ${id}`
    if (open >= MAX_HANDLED || this.#handled.has(key)) this.#fail(from, { id, topic }, 'busy')
    else if (decoded === undefined) this.#fail(from, { id, topic }, 'failed')
    else if (handler === undefined) this.#fail(from, { id, topic }, 'unhandled')
    else void this.#run(handler, decoded.value, { from, id, topic })
    return decoded !== undefined
  }

  async #run(
    handler: TopicHandler,
    value: unknown,
    {
      from,
      id,
      topic,
    }: { readonly from: ParticipantId; readonly id: number; readonly topic: string },
  ): Promise<void> {
    const controller = new AbortController()
    const key = `${from} ${id}`
    this.#handled.set(key, { from, topic, controller })
    try {
      const answer = encodeValue(await handler(value, { from, signal: controller.signal }))
      if (controller.signal.aborted) return
      const bytes = concatBytes(uintToBytes(id, ID_BYTES), answer)
      if (answer.length > MAX_ANSWER_BYTES) this.#fail(from, { id, topic }, 'too-large')
      else await this.#options.say(from, 'answer', topic, bytes)
    } catch {
      // Its text is the application's own, and may say what others should not know.
      if (!controller.signal.aborted) this.#fail(from, { id, topic }, 'failed')
    } finally {
      this.#handled.delete(key)
    }
  }

  #fail(
    to: ParticipantId,
    { id, topic }: { readonly id: number; readonly topic: string },
    reason: RequestFailure,
  ): void {
    const bytes = concatBytes(uintToBytes(id, ID_BYTES), [FAILURES.indexOf(reason)])
    void this.#options.say(to, 'failure', topic, bytes)
  }

  #end(
    isAsked: (asked: Asked) => boolean,
    isHandled: (handled: Handled) => boolean,
    code: 'ERR_CLIENT_NO_PARTICIPANT' | 'ERR_CLIENT_CLOSED',
  ): void {
    for (const asked of [...this.#asked.values()]) {
      if (isAsked(asked)) asked.end({ error: new ClientError(code, undefined) })
    }
    for (const handled of this.#handled.values()) {
      if (isHandled(handled)) handled.controller.abort()
    }
  }
}

interface Asked {
  readonly to: ParticipantId
  readonly topic: string
  end(result: { readonly value?: unknown; readonly error?: ClientError }): void
}

interface Handled {
  readonly from: ParticipantId
  readonly topic: string
  readonly controller: AbortController
}

const abortedBy = (signal: AbortSignal | undefined): ClientError =>
  new ClientError('ERR_CLIENT_ABORTED', undefined, { cause: signal?.reason })

const ID_BYTES = 4
/** Requests of this session that wait for their answers. */
const MAX_ASKED = 64
/** Requests of one participant that are handled at once. */
const MAX_HANDLED = 16
const MAX_ANSWER_BYTES = 1024 * 1024
/** Each by its number in the message. */
const FAILURES: readonly RequestFailure[] = ['failed', 'busy', 'unhandled', 'too-large']
