/**
 * Data by the hub, or by the bus that stands in for it: behind everything else that this session says. spec R171
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import { randomMessageId } from '@conclave/e2ee'
import type { MessageId, ParticipantId } from '@conclave/wire'
import { claimsData } from '../messages/claims.ts'
import type { RoomMessages } from '../messages/room-messages.ts'
import type { Transport } from '../transport.ts'
import type { DataCarrier, DataCarrierEvents } from './data-carrier.ts'

/** The needs of a {@link HubCarrier}. */
export interface HubCarrierOptions {
  readonly transport: Transport
  readonly messages: Pick<RoomMessages, 'on'>
  /** Whether the transport is up already. */
  readonly isUp: boolean
  /** Whether the transport names a participant as connected. */
  readonly isPresent: (participant: ParticipantId) => boolean
}

/** Publishes sealed messages of data as fast as the transport hands them on. */
export class HubCarrier implements DataCarrier {
  readonly isDirect = false
  readonly #options: HubCarrierOptions
  readonly #emitter = new Emitter<DataCarrierEvents>()
  readonly #stops: readonly (() => void)[]
  /** Messages that the transport has and the hub has not. */
  readonly #pending = new Map<MessageId, { readonly to: ParticipantId; readonly bytes: number }>()
  #bytes = 0
  #isUp: boolean

  constructor(options: HubCarrierOptions) {
    const { transport, messages, isUp } = options
    this.#options = options
    this.#isUp = isUp
    this.#stops = [
      transport.on('message', ({ from, payload }) => {
        if (claimsData(payload)) this.#emitter.emit('data', { from, payload })
      }),
      messages.on('up', () => {
        this.#isUp = true
        // The hub may have died with what it had taken over.
        this.#emitter.emit('lost', {})
        this.#emitter.emit('moved', {})
      }),
      messages.on('down', () => {
        this.#isUp = false
        this.#emitter.emit('moved', {})
      }),
      messages.on('presence', ({ participant }) => this.#emitter.emit('moved', { participant })),
      // Its connection is another one now.
      transport.on('participantJoined', ({ participant }) =>
        this.#emitter.emit('lost', { participant }),
      ),
      transport.on('acknowledged', ({ id }) => this.#settle(id, { isLost: false })),
      transport.on('refused', ({ id }) => this.#settle(id, { isLost: true })),
      transport.on('absent', ({ id }) => this.#settle(id, { isLost: true })),
    ]
  }

  on<T extends keyof DataCarrierEvents>(
    type: T,
    handler: (event: DataCarrierEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  reaches(to: ParticipantId): boolean {
    return this.#isUp && this.#options.isPresent(to)
  }

  hasSpace(to: ParticipantId, bytes: number): boolean {
    const toIt = [...this.#pending.values()].filter((message) => message.to === to).length
    const isFree = toIt < MAX_EACH && this.#pending.size < MAX_MESSAGES
    return isFree && this.#bytes + bytes <= MAX_BYTES && this.#options.transport.canPublish(bytes)
  }

  send(to: ParticipantId, payload: Uint8Array<ArrayBuffer>): boolean {
    if (!this.reaches(to) || !this.hasSpace(to, payload.length)) return false
    const id = randomMessageId()
    this.#pending.set(id, { to, bytes: payload.length })
    this.#bytes += payload.length
    if (this.#options.transport.publish({ id, to, payload, isData: true })) return true
    this.#forget(id)
    return false
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#pending.clear()
    this.#emitter.clear()
  }

  #settle(id: MessageId, { isLost }: { readonly isLost: boolean }): void {
    const participant = this.#pending.get(id)?.to
    if (participant === undefined) return
    this.#forget(id)
    if (isLost) this.#emitter.emit('lost', { participant })
    // The space of all is one.
    this.#emitter.emit('moved', {})
  }

  #forget(id: MessageId): void {
    this.#bytes -= this.#pending.get(id)?.bytes ?? 0
    this.#pending.delete(id)
  }
}

/** Messages to one participant that the hub has not taken over. */
const MAX_EACH = 8
/** Those to all: a part of the outbox. spec R31 */
const MAX_MESSAGES = 256
const MAX_BYTES = 2 * 1024 * 1024
