/**
 * The data of a room: loaded when an application uses it first.
 *
 * @module
 */
import type { KeySource } from '@conclave/e2ee'
import type { ParticipantId } from '@conclave/wire'
import type { ParticipantInfo } from '../messages/bodies.ts'
import type { DropReason } from '../messages/drop-reason.ts'
import type { RoomParts } from '../room/join-room.ts'
import { HubCarrier } from './hub-carrier.ts'
import { MeshCarrier } from './mesh-carrier.ts'
import { RoomDataPath } from './room-data-path.ts'
import { Topics } from './topics.ts'

/** The needs of {@link RoomData}. */
export interface RoomDataOptions {
  readonly parts: Pick<
    RoomParts<KeySource>,
    'messages' | 'transport' | 'sealer' | 'clock' | 'media'
  >
  /** Whether the hub is connected. */
  readonly isUp: boolean
  /** Those in the roster who take data already. */
  readonly takers: readonly ParticipantId[]
  readonly dropped: (reason: DropReason) => void
  readonly failed: (error: unknown) => void
}

/** The path of a room's data, and what is built on it. */
export class RoomData {
  readonly path: RoomDataPath
  readonly topics: Topics
  readonly #stops: readonly (() => void)[]

  constructor({ parts, isUp, takers, dropped, failed }: RoomDataOptions) {
    const { messages, transport, sealer, clock, media } = parts
    const isPresent = (id: ParticipantId): boolean => messages.isHere(id)
    const hub = new HubCarrier({ transport, messages, isUp, isPresent })
    const carriers =
      media?.sendData === undefined ? [hub] : [new MeshCarrier(media, { clock }), hub]
    this.path = new RoomDataPath({ sealer, clock, carriers, dropped, failed })
    const { path } = this
    const learn = (event: { participant: ParticipantId; info: ParticipantInfo }): void => {
      if (event.info.data === true) path.open(event.participant)
    }
    this.#stops = [
      messages.on('joined', learn),
      messages.on('info', learn),
      messages.on('left', ({ participant }) => path.leave(participant)),
      messages.on('presence', ({ participant, presence }) => {
        if (presence === 'leaving') path.leave(participant)
      }),
    ]
    this.topics = new Topics({ path, clock, dropped })
    for (const participant of takers) path.open(participant)
  }

  /** Ends everything that is built on the path, and the path. */
  close(): void {
    for (const stop of this.#stops) stop()
    this.topics.close()
    this.path.close()
  }
}
