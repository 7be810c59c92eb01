/**
 * The topics of a room: who has which one open, and the values between them. spec R174 to R177
 *
 * @module
 */
import { BoundedMap, type Clock, textToBytes } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { wrongArgument } from '../arguments.ts'
import { ClientError } from '../errors.ts'
import type { DropReason } from '../messages/drop-reason.ts'
import type { DataPath, DataReceived } from './data-path.ts'
import { Topic, type TopicOptions, type TopicPort, checkTopicOptions } from './topic.ts'
import {
  MAX_TOPIC_BYTES,
  type TopicMessage,
  decodeTopicFrame,
  decodeValue,
  encodeLooseFrame,
  encodeValue,
} from './topic-frame.ts'
import { TopicRequests } from './topic-requests.ts'
import { type PeerEnd, TopicPeer } from './topic-peer.ts'

/** The needs of {@link Topics}. */
export interface TopicsOptions {
  readonly path: DataPath
  readonly clock: Clock
  readonly dropped: (reason: DropReason) => void
}

/** Keeps the topics of this session, and a link with each other session. */
export class Topics {
  readonly #options: TopicsOptions
  readonly #openByName = new Map<string, OpenTopic>()
  readonly #peers = new Map<ParticipantId, TopicPeer>()
  /** Where participants stood who left: they may come back, and may not know that they left. */
  readonly #ends = new BoundedMap<ParticipantId, PeerEnd>(MAX_ENDS)
  readonly #requests: TopicRequests
  #nextLoose = 1
  #hasEnded = false

  constructor(options: TopicsOptions) {
    const { path, clock } = options
    this.#options = options
    this.#requests = new TopicRequests({
      clock,
      say: async (to, type, topic, value) =>
        (await this.#peers.get(to)?.say(type, topic, value)) === true,
      handlerOf: (topic) => this.#openByName.get(topic)?.topic.handler,
    })
    for (const participant of path.participants) this.#opened(participant)
    path.on('opened', ({ participant }) => this.#opened(participant))
    path.on('closed', ({ participant }) => this.#closed(participant))
    path.on('changed', ({ participant }) => this.#peers.get(participant)?.link.pathChanged())
    path.on('space', ({ participant }) => this.#peers.get(participant)?.offerAgain())
    path.on('topic', (received) => this.#receive(received))
  }

  /**
   * Opens a topic; one that is open already is given again.
   *
   * @throws TypeError `ERR_CLIENT_ARGUMENT`; ClientError `ERR_CLIENT_OVERFLOW` for too many, `ERR_CLIENT_CLOSED`
   */
  open<Value>(name: string, options: TopicOptions<Value>): Topic<Value> {
    checkTopicOptions(options as TopicOptions<never>)
    const isName =
      typeof name === 'string' && name !== '' && textToBytes(name).length <= MAX_TOPIC_BYTES
    if (!isName) throw wrongArgument('name', name, `text of 1 to ${MAX_TOPIC_BYTES} bytes`)
    if (this.#hasEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    const { reliable = true, accepts = () => true } = options
    const known = this.#openByName.get(name)
    if (known !== undefined) {
      if (known.topic.reliable !== reliable) {
        throw wrongArgument('reliable', reliable, 'that of the topic that is open')
      }
      return known.topic as Topic<Value>
    }
    if (this.#openByName.size >= MAX_TOPICS) throw new ClientError('ERR_CLIENT_OVERFLOW', undefined)
    const topic = new Topic<Value>(name, { reliable, port: this.#port(name, reliable) })
    this.#openByName.set(name, { topic: topic as Topic, accepts })
    this.#sayToAll('open', name)
    return topic
  }

  /** Ends every topic. */
  close(): void {
    this.#hasEnded = true
    for (const { topic } of [...this.#openByName.values()]) void topic.close()
    for (const { link } of this.#peers.values()) link.close()
    this.#peers.clear()
  }

  #port(name: string, reliable: boolean): TopicPort {
    const listeners = (): readonly ParticipantId[] =>
      [...this.#peers.values()].filter((peer) => peer.hasOpen(name)).map(({ id }) => id)
    return {
      get participants() {
        return listeners()
      },
      send: async (value, to) => {
        const bytes = encodeValue(value)
        if (reliable) return this.#sendReliably(name, bytes, to)
        this.#offer(name, bytes, to)
        return []
      },
      request: async (value, request) => {
        const bytes = encodeValue(value)
        if (bytes.length > MAX_VALUE_BYTES) throw tooLarge(MAX_VALUE_BYTES)
        return this.#requests.ask({ ...request, topic: name, value: bytes })
      },
      close: () => {
        this.#openByName.delete(name)
        this.#requests.closed(name)
        this.#sayToAll('close', name)
      },
    }
  }

  async #sendReliably(
    name: string,
    value: Uint8Array,
    to: readonly ParticipantId[],
  ): Promise<readonly ParticipantId[]> {
    if (value.length > MAX_VALUE_BYTES) throw tooLarge(MAX_VALUE_BYTES)
    const refused: ParticipantId[] = []
    const write = async (id: ParticipantId): Promise<void> => {
      if ((await this.#peers.get(id)?.say('value', name, value)) !== true) refused.push(id)
    }
    await Promise.all(to.map(write))
    return refused
  }

  #offer(topic: string, value: Uint8Array, to: readonly ParticipantId[]): void {
    const frame = encodeLooseFrame({ number: this.#nextLoose, topic, value })
    this.#nextLoose += 1
    const { maxBytes } = this.#options.path
    if (frame.length > maxBytes) throw tooLarge(maxBytes - MAX_TOPIC_BYTES - 8)
    for (const id of to) this.#peers.get(id)?.offer(topic, frame)
  }

  #sayToAll(type: 'open' | 'close', name: string): void {
    for (const peer of this.#peers.values()) void peer.say(type, name)
  }

  #tell(type: 'opened' | 'closed', { id: participant }: TopicPeer, name: string): void {
    this.#openByName.get(name)?.topic.tell(type, { participant })
  }

  #opened(participant: ParticipantId): void {
    const { path, clock, dropped } = this.#options
    const peer = new TopicPeer(participant, {
      ...{ path, clock, dropped, from: this.#ends.get(participant) },
      received: (message) => this.#hear(peer, message),
    })
    this.#peers.set(participant, peer)
    for (const name of this.#openByName.keys()) void peer.say('open', name)
    for (const name of peer.open) this.#tell('opened', peer, name)
  }

  #closed(participant: ParticipantId): void {
    const peer = this.#peers.get(participant)
    if (peer === undefined) return
    this.#peers.delete(participant)
    peer.link.close()
    this.#requests.left(participant)
    this.#ends.set(participant, peer.end)
    for (const name of peer.open) this.#tell('closed', peer, name)
  }

  #receive({ from, bytes }: DataReceived): void {
    const peer = this.#peers.get(from)
    if (peer === undefined) return
    const frame = decodeTopicFrame(bytes)
    if (frame === undefined) return this.#options.dropped('malformed-body')
    if (frame.type === 'stream') return peer.link.receive(frame)
    const { topic, number, value } = frame
    if (!this.#openByName.has(topic)) return this.#options.dropped('not-heard')
    if (!peer.isNewer(topic, number)) return this.#options.dropped('late')
    this.#deliver(peer, topic, value)
  }

  #hear(peer: TopicPeer, message: TopicMessage): void {
    const { type, topic, value } = message
    if (type === 'value') return this.#deliver(peer, topic, value)
    if (REQUESTS.has(type)) {
      if (!this.#requests.receive(peer.id, message)) this.#options.dropped('malformed-body')
      return
    }
    if (type === 'open' && peer.opens(topic)) this.#tell('opened', peer, topic)
    if (type === 'close' && peer.closes(topic)) this.#tell('closed', peer, topic)
    if (type !== 'fresh') return
    for (const name of peer.open) if (peer.closes(name)) this.#tell('closed', peer, name)
  }

  #deliver(peer: TopicPeer, name: string, bytes: Uint8Array): void {
    const { dropped } = this.#options
    const open = this.#openByName.get(name)
    if (open === undefined) return dropped('not-heard')
    const decoded = decodeValue(bytes)
    if (decoded === undefined || !isAccepted(open, decoded.value)) return dropped('malformed-body')
    open.topic.tell('value', { from: peer.id, value: decoded.value })
  }
}

interface OpenTopic {
  readonly topic: Topic
  readonly accepts: (value: unknown) => boolean
}

/** The application's own check, which may throw on what it does not expect. */
const isAccepted = ({ accepts }: OpenTopic, value: unknown): boolean => {
  try {
    return accepts(value)
  } catch {
    return false
  }
}

const tooLarge = (most: number): RangeError =>
  new RangeError(`"value" expected at most ${most} bytes: send a file`)

const REQUESTS: ReadonlySet<TopicMessage['type']> = new Set([
  ...(['request', 'answer', 'failure', 'cancel'] as const),
])
/** Topics of a session that are open at once. */
const MAX_TOPICS = 64
/** The longest value of a reliable topic. */
const MAX_VALUE_BYTES = 1024 * 1024
/** As many as a session meets. spec R58 */
const MAX_ENDS = 4095
