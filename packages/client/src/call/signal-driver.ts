/**
 * Signalling in sealed messages, which makes DTLS fingerprints as trustworthy as the room's keys.
 *
 * @module
 */
import { type Shape, hasShape, isRecord } from '@conclave/base'
import { parseParticipantId } from '@conclave/wire'
import type { ParticipantId } from '@conclave/wire'
import type { Namespace, SealedDriver, SealedHandler } from '@conclave/p2p'
import { decodeJson, encodeBody, MESSAGE_KINDS } from '../messages/bodies.ts'
import type { RoomMessages } from '../messages/room-messages.ts'

/** Carries the signalling of `p2p` in sealed messages; sender, recipient, room and order have authenticated. */
export class SignalDriver implements SealedDriver {
  readonly sealed = true
  readonly id: ParticipantId
  readonly #messages: RoomMessages
  readonly #room: string
  readonly #handlersByNamespace = new Map<string, Set<SealedHandler>>()
  #isUp = true

  constructor(options: { messages: RoomMessages; room: string; self: ParticipantId }) {
    this.#messages = options.messages
    this.#room = options.room
    this.id = options.self
    this.#messages.on('up', () => (this.#isUp = true))
    this.#messages.on('down', () => (this.#isUp = false))
  }

  on(namespace: Namespace, handler: SealedHandler): void {
    const key = keyOf(namespace)
    const handlers = this.#handlersByNamespace.get(key) ?? new Set()
    this.#handlersByNamespace.set(key, handlers.add(handler))
  }

  off(namespace: Namespace, handler: SealedHandler): void {
    const key = keyOf(namespace)
    const handlers = this.#handlersByNamespace.get(key)
    handlers?.delete(handler)
    if (handlers?.size === 0) this.#handlersByNamespace.delete(key)
  }

  /** Whether the hub is connected and names this participant as connected, as far as it is known. spec S146 */
  reaches(peer: string): boolean {
    const participant = parseParticipantId(peer)
    return this.#isUp && participant !== undefined && this.#messages.isHere(participant)
  }

  /** A message to a participant of the room's own mesh who is out of reach is not kept: it would be out of date. spec S146 */
  async emit(namespace: Namespace, message: unknown): Promise<void> {
    const [side, place, id] = namespace
    if (place === this.#room && id !== undefined && !this.reaches(id)) return
    // The signalling of the room's own mesh names no topic.
    const content = { side, message, ...(place !== this.#room && { topic: place }) }
    const roster = this.#messages.roster()
    const to = parseParticipantId(id)
    const send = (peer: ParticipantId, body: object): Promise<void> =>
      this.#messages.send(peer, MESSAGE_KINDS.signal, encodeBody(body))
    if (to !== undefined) return send(to, content)
    if (id !== undefined) return
    // One to a few waits for no key of this session. spec S106
    if (place?.startsWith(PEERS) && roster.length <= MAX_COPIES) {
      await Promise.all(roster.map((peer) => send(peer, { ...content, isForAll: true })))
    } else await this.#messages.broadcast(MESSAGE_KINDS.signal, encodeBody(content)).sent
  }

  /** Delivers a sealed signal that came in its turn; `false` when its body is malformed. */
  receive(from: ParticipantId, audience: 'room' | 'direct', body: Uint8Array): boolean {
    const signal = decodeJson(body)
    const isForAll = hasShape(signal, COPIED_SIGNAL)
    const hasTopic = isForAll || hasShape(signal, TOPIC_SIGNAL)
    if (!hasTopic && !hasShape(signal, SIGNAL)) return false
    const { side, message } = signal
    const place = hasTopic ? signal.topic : this.#room
    const namespace = audience === 'room' || isForAll ? [side, place] : [side, place, this.id]
    for (const handler of this.#handlersByNamespace.get(keyOf(namespace)) ?? []) {
      handler(message, from)
    }
    return true
  }
}

const keyOf = (namespace: Namespace): string => JSON.stringify(namespace)

interface Signal {
  readonly side: 'sender' | 'receiver'
  readonly message: object
}

interface TopicSignal extends Signal {
  readonly topic: string
}

const SIGNAL: Shape<Signal> = {
  side: (value) => value === 'sender' || value === 'receiver',
  message: isRecord,
}
/** Of peers that an application makes beside the room's mesh. spec R167 */
const TOPIC_SIGNAL: Shape<TopicSignal> = {
  ...SIGNAL,
  topic: (value) => typeof value === 'string' && value.length <= MAX_TOPIC_LENGTH,
}
const COPIED_SIGNAL: Shape<TopicSignal & { readonly isForAll: true }> = {
  ...TOPIC_SIGNAL,
  isForAll: (value) => value === true,
}
/** The topics of peers begin with it. spec R167 */
export const PEERS = 'peers '
/** The most participants who get one message each in place of one to the room. */
const MAX_COPIES = 8
const MAX_TOPIC_LENGTH = 1100
