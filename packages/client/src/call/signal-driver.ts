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

  constructor(options: { messages: RoomMessages; room: string; self: ParticipantId }) {
    this.#messages = options.messages
    this.#room = options.room
    this.id = options.self
  }

  on(namespace: Namespace, handler: SealedHandler): void {
    const key = keyOf(namespace)
    const handlers = this.#handlersByNamespace.get(key) ?? new Set()
    this.#handlersByNamespace.set(key, handlers.add(handler))
  }

  off(namespace: Namespace, handler: SealedHandler): void {
    this.#handlersByNamespace.get(keyOf(namespace))?.delete(handler)
  }

  async emit(namespace: Namespace, message: unknown): Promise<void> {
    const [side, , id] = namespace
    const body = encodeBody({ side, message })
    const to = parseParticipantId(id)
    if (id === undefined) await this.#messages.broadcast(MESSAGE_KINDS.signal, body).sent
    else if (to !== undefined) await this.#messages.send(to, MESSAGE_KINDS.signal, body)
  }

  /** Delivers a sealed signal that came in its turn; `false` when its body is malformed. */
  receive(from: ParticipantId, audience: 'room' | 'direct', body: Uint8Array): boolean {
    const signal = decodeJson(body)
    if (!hasShape(signal, SIGNAL)) return false
    const { side, message } = signal
    const namespace = audience === 'room' ? [side, this.#room] : [side, this.#room, this.id]
    for (const handler of this.#handlersByNamespace.get(keyOf(namespace)) ?? []) {
      handler(message, from)
    }
    return true
  }
}

const keyOf = (namespace: Namespace): string => JSON.stringify(namespace)

const SIGNAL: Shape<{ readonly side: 'sender' | 'receiver'; readonly message: object }> = {
  side: (value) => value === 'sender' || value === 'receiver',
  message: isRecord,
}
