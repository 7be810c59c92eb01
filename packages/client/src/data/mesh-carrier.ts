/**
 * Data by the connections of the mesh, between two sessions and nobody else. spec R178
 *
 * @module
 */
import { Emitter } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import type { MediaTransport } from '../call/media-transport.ts'
import type { DataCarrier, DataCarrierEvents } from './data-carrier.ts'

/** Sends sealed messages of data as the connection to each participant takes them. */
export class MeshCarrier implements DataCarrier {
  readonly isDirect = true
  readonly #media: MediaTransport
  readonly #emitter = new Emitter<DataCarrierEvents>()
  readonly #stops: readonly (() => void)[]
  /** Messages that a connection has not taken. */
  readonly #pending = new Map<ParticipantId, number>()
  /** Participants whose connection did not take a message. A repetition would find the same one. spec R180 */
  readonly #failed = new Set<ParticipantId>()

  constructor(media: MediaTransport) {
    this.#media = media
    this.#stops = [
      media.on('data', ({ participant: from, channel, bytes: payload }) => {
        if (channel === CHANNEL) this.#emitter.emit('data', { from, payload })
      }),
      media.on('dataOpened', ({ participant }) => {
        this.#failed.delete(participant)
        this.#emitter.emit('moved', { participant })
      }),
      media.on('dataClosed', ({ participant }) => {
        this.#failed.delete(participant)
        this.#emitter.emit('lost', { participant })
        this.#emitter.emit('moved', { participant })
      }),
    ]
  }

  on<T extends keyof DataCarrierEvents>(
    type: T,
    handler: (event: DataCarrierEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  reaches(to: ParticipantId): boolean {
    return this.#media.canSendData?.(to) === true && !this.#failed.has(to)
  }

  hasSpace(to: ParticipantId): boolean {
    return this.reaches(to) && (this.#pending.get(to) ?? 0) < MAX_EACH
  }

  send(
    to: ParticipantId,
    payload: Uint8Array<ArrayBuffer>,
    { isReliable: reliable }: { readonly isReliable: boolean },
  ): boolean {
    if (!this.hasSpace(to)) return false
    this.#count(to, 1)
    const sending = this.#media.sendData?.(to, CHANNEL, payload, { reliable })
    void Promise.resolve(sending)
      .catch(() => {
        // What is offered may get lost.
        if (!reliable) return
        // A connection that ended meanwhile was told of already.
        if (this.#media.canSendData?.(to) === true) this.#failed.add(to)
        this.#emitter.emit('lost', { participant: to })
      })
      .then(() => {
        this.#count(to, -1)
        this.#emitter.emit('moved', { participant: to })
      })
    return true
  }

  close(): void {
    for (const stop of this.#stops) stop()
    this.#emitter.clear()
  }

  #count(to: ParticipantId, change: 1 | -1): void {
    const count = (this.#pending.get(to) ?? 0) + change
    if (count > 0) this.#pending.set(to, count)
    else this.#pending.delete(to)
  }
}

/** Messages to one participant that its connection has not taken. */
const MAX_EACH = 16
const CHANNEL = 'room data'
