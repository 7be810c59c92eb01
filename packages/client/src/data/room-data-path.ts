/**
 * The data of one session with each other one of its roster: sealed here, and brought by the best carrier that there is.
 *
 * @module
 */
import { type Clock, Emitter } from '@conclave/base'
import { SEALED_OVERHEAD_BYTES, type Sealer } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import { MESSAGE_KINDS } from '../messages/bodies.ts'
import type { DropReason } from '../messages/drop-reason.ts'
import { MAX_DATA_BYTES, decodeDataBody, encodeDataBody } from './data-body.ts'
import type { DataCarrier } from './data-carrier.ts'
import { DataLane } from './data-lane.ts'
import type { DataPath, DataPathEvents, DataStream } from './data-path.ts'

/** The needs of a {@link RoomDataPath}. */
export interface RoomDataPathOptions {
  readonly sealer: Sealer
  readonly clock: Clock
  /** The best one first. They are closed with the path. */
  readonly carriers: readonly DataCarrier[]
  readonly dropped: (reason: DropReason) => void
  /** The key source failed while something was opened. */
  readonly failed: (error: unknown) => void
}

/** Seals, opens and bounds the data of a session. spec R170 to R173 */
export class RoomDataPath implements DataPath {
  readonly maxBytes: number = MAX_DATA_BYTES
  readonly #options: RoomDataPathOptions
  readonly #emitter = new Emitter<DataPathEvents>()
  readonly #lanes = new Map<ParticipantId, DataLane>()
  #hasEnded = false

  constructor(options: RoomDataPathOptions) {
    this.#options = options
    for (const carrier of options.carriers) {
      carrier.on('data', ({ from, payload }) => this.#receive(from, payload))
      carrier.on('moved', ({ participant }) => this.#each(participant, (lane) => this.#moved(lane)))
      carrier.on('lost', ({ participant }) =>
        this.#each(participant, (lane) => {
          if (lane.last === carrier) this.#emitter.emit('changed', { participant: lane.id })
        }),
      )
    }
  }

  get participants(): readonly ParticipantId[] {
    return [...this.#lanes.keys()]
  }

  on<T extends keyof DataPathEvents>(
    type: T,
    handler: (event: DataPathEvents[T]) => void,
  ): () => void {
    return this.#emitter.on(type, handler)
  }

  /** A participant came into the roster. Does nothing for one that is there. */
  open(participant: ParticipantId): void {
    if (this.#hasEnded || this.#lanes.has(participant)) return
    const { sealer } = this.#options
    const lane = new DataLane(participant, {
      carrier: () => this.#carrierTo(participant),
      overhead: SEALED_OVERHEAD_BYTES,
      async seal(body) {
        const options = { kind: MESSAGE_KINDS.data, to: participant, isData: true }
        return (await sealer.seal(options, body)).bytes
      },
    })
    this.#lanes.set(participant, lane)
    this.#emitter.emit('opened', { participant })
  }

  /** A participant left the roster. */
  leave(participant: ParticipantId): void {
    const lane = this.#lanes.get(participant)
    if (lane === undefined) return
    this.#lanes.delete(participant)
    lane.end(new ClientError('ERR_CLIENT_NO_PARTICIPANT', undefined))
    this.#emitter.emit('closed', { participant })
  }

  async send(
    to: ParticipantId,
    stream: DataStream,
    bytes: Uint8Array,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const body = this.#bodyOf(stream, bytes)
    if (this.#hasEnded) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    if (signal?.aborted) {
      throw new ClientError('ERR_CLIENT_ABORTED', undefined, { cause: signal.reason })
    }
    const lane = this.#lanes.get(to)
    if (lane === undefined) throw new ClientError('ERR_CLIENT_NO_PARTICIPANT', undefined)
    await lane.send(body, signal)
  }

  offer(to: ParticipantId, stream: DataStream, bytes: Uint8Array): boolean {
    return this.#lanes.get(to)?.offer(this.#bodyOf(stream, bytes)) ?? false
  }

  isDirect(participant: ParticipantId): boolean {
    return this.#lanes.has(participant) && this.#carrierTo(participant)?.isDirect === true
  }

  /** Rejects what waits, and ends the carriers. */
  close(): void {
    this.#hasEnded = true
    for (const lane of this.#lanes.values()) {
      lane.end(new ClientError('ERR_CLIENT_CLOSED', undefined))
    }
    this.#lanes.clear()
    for (const carrier of this.#options.carriers) carrier.close()
    this.#emitter.clear()
  }

  #bodyOf(stream: DataStream, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    if (bytes.length > MAX_DATA_BYTES) {
      throw new RangeError(`"bytes" expected at most ${MAX_DATA_BYTES}, got ${bytes.length}`)
    }
    return encodeDataBody(stream, bytes)
  }

  #carrierTo(participant: ParticipantId): DataCarrier | undefined {
    return this.#options.carriers.find((carrier) => carrier.reaches(participant))
  }

  #each(participant: ParticipantId | undefined, act: (lane: DataLane) => void): void {
    const lanes = [...this.#lanes.values()]
    const meant = participant === undefined ? lanes : lanes.filter(({ id }) => id === participant)
    for (const lane of meant) act(lane)
  }

  #moved(lane: DataLane): void {
    const carrier = this.#carrierTo(lane.id)
    if (carrier !== lane.last && carrier !== undefined) {
      lane.last = carrier
      this.#emitter.emit('changed', { participant: lane.id })
    }
    void lane.pump().then(() => {
      if (!lane.hasEnded) this.#emitter.emit('space', { participant: lane.id })
    })
  }

  #receive(from: ParticipantId, payload: Uint8Array): void {
    const { clock, dropped, failed } = this.#options
    const lane = this.#lanes.get(from)
    if (lane === undefined) return dropped('not-in-roster')
    if (!lane.limiter.take(clock.now())) return dropped('flood')
    const opening = lane.incoming.run(() => this.#open(lane, payload))
    if (opening === undefined) dropped('flood')
    else opening.catch(failed)
  }

  async #open(lane: DataLane, payload: Uint8Array): Promise<void> {
    const { sealer, dropped } = this.#options
    const opened = await sealer.open(lane.id, payload)
    // It left while this was decrypted.
    if (lane.hasEnded) return
    if (opened.type === 'dropped') return dropped(opened.reason)
    const isData = opened.audience === 'data' && opened.kind === MESSAGE_KINDS.data
    const body = isData ? decodeDataBody(opened.body) : undefined
    if (body === undefined) return dropped('malformed-body')
    this.#emitter.emit(body.stream, { from: lane.id, bytes: body.bytes })
  }
}
