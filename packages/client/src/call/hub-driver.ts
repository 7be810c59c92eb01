/**
 * Signalling of peers that an application makes itself, over the sealed messages of a room.
 *
 * @module
 */
import { callHandler } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import type { MediaStats } from '@conclave/media'
import type {
  DataProtector,
  FrameProtector,
  Namespace,
  SealedDriver,
  SealedHandler,
} from '@conclave/p2p'
import {
  FUNCTION,
  type Kinds,
  checkArgument,
  checkMembers,
  optional,
  withMethods,
} from '../arguments.ts'
import { parseParticipantId } from '@conclave/wire'
import { ClientError } from '../errors.ts'
import type { Room } from '../room/room.ts'
import type { SideMedia } from './media-transport.ts'
import { SessionFrames, type SessionFramesOptions } from './session-frames.ts'
import { PEERS } from './signal-driver.ts'

/**
 * A driver for `Sender` and `Receiver` of `@conclave/p2p` over a room that was joined, with the protection of their frames:
 * `new Sender({ driver: hubDriver(room) })`. Its id is that of the session, so that `id` in the events of a peer is a participant's. A
 * participant who leaves is gone for the peers too. It ends with the room. spec R167, R168
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`; ClientError `ERR_CLIENT_CLOSED`
 */
export function hubDriver<Keys extends KeySource>(
  room: Room<Keys>,
  options: SessionFramesOptions = {},
): RoomDriver {
  checkArgument('room', room, ROOM)
  checkMembers('options', options, FRAMES_OPTIONS)
  if (room.state === 'left') throw new ClientError('ERR_CLIENT_CLOSED', undefined)
  return new RoomDriver(room, new SessionFrames(options))
}

/** Options of the frame encryption, as arguments. */
export const FRAMES_OPTIONS: Kinds<SessionFramesOptions> = {
  createWorker: optional(FUNCTION),
  videoCodecs: optional(['an array', Array.isArray]),
}

const ROOM = withMethods('sideMedia', 'on')

/** Made by {@link hubDriver}. */
export class RoomDriver implements SealedDriver {
  readonly sealed = true
  readonly frames: FrameProtector
  readonly data: DataProtector
  /** Those of the room. spec R185 */
  readonly iceServers: SideMedia['iceServers']
  readonly iceTransportPolicy: SideMedia['iceTransportPolicy']
  readonly #room: Room<KeySource>
  readonly #side: SideMedia
  readonly #frames: SessionFrames
  readonly #listeners = new Map<string, Map<SealedHandler, Namespace>>()
  readonly #stop: () => void

  get [Symbol.toStringTag](): string {
    return 'RoomDriver'
  }

  /** Use {@link hubDriver}. */
  constructor(room: Room<KeySource>, frames: SessionFrames) {
    this.#room = room
    this.#side = room.sideMedia()
    this.#frames = frames
    this.frames = frames
    this.data = this.#side.data
    this.iceServers = this.#side.iceServers
    this.iceTransportPolicy = this.#side.iceTransportPolicy
    frames.attach(this.#side)
    this.#stop = room.on('participantLeft', ({ participant }) => this.#left(participant.id))
    void room.closed.then(() => this.close())
  }

  /** The id of the session. */
  get id(): string {
    return this.#side.self
  }

  on(namespace: Namespace, handler: SealedHandler): void {
    const listeners = this.#listeners.get(keyOf(namespace)) ?? new Map()
    this.#listeners.set(keyOf(namespace), listeners.set(handler, namespace))
    void this.#side.driver.on(placeOf(namespace), handler)
  }

  off(namespace: Namespace, handler: SealedHandler): void {
    const listeners = this.#listeners.get(keyOf(namespace))
    listeners?.delete(handler)
    if (listeners?.size === 0) this.#listeners.delete(keyOf(namespace))
    void this.#side.driver.off(placeOf(namespace), handler)
  }

  async emit(namespace: Namespace, message: unknown): Promise<void> {
    await this.#side.driver.emit(placeOf(namespace), message)
  }

  /** Calls `handler` when the room is connected again, until the returned function is called. */
  onReconnect(handler: () => void): () => void {
    return this.#room.on('stateChanged', ({ state }) => {
      if (state === 'connected') handler()
    })
  }

  /** Calls `handler` for each participant who enters the roster, until the returned function is called. */
  onJoined(handler: (peer: string) => void): () => void {
    return this.#room.on('participantJoined', ({ participant }) => handler(participant.id))
  }

  /** Counters of the frame encryption. Rejects with `ERR_CLIENT_CLOSED` while no frame is protected. */
  stats(): Promise<MediaStats> {
    return this.#frames.stats()
  }

  /** Listens no more, and ends the worker. The room goes on. */
  async close(): Promise<void> {
    this.#stop()
    for (const listeners of this.#listeners.values()) {
      for (const [handler, namespace] of listeners) {
        void this.#side.driver.off(placeOf(namespace), handler)
      }
    }
    this.#listeners.clear()
    await this.#frames.detach(this.#side)
  }

  /** The roster vouches for it, and for nobody else: both sides of every connection with it end. */
  #left(id: string): void {
    for (const listeners of [...this.#listeners.values()]) {
      for (const [handler, namespace] of [...listeners]) {
        if (namespace.length === 3) callHandler(handler, { type: 'dispose', id }, id)
      }
    }
  }
}

const keyOf = (namespace: Namespace): string => JSON.stringify(namespace)

/**
 * Names of rooms are the application's here: none is that of the room itself, whose mesh has its own signalling. A namespace of
 * another form than those of peers is heard by everybody who listens on it. spec R167, S102
 */
const placeOf = (namespace: Namespace): Namespace => {
  const [side = '', room = '', id] = namespace
  const isOfPeers = namespace.length === 2 || (namespace.length === 3 && parseParticipantId(id))
  if (isOfPeers) return [side, `${PEERS}${room}`, ...namespace.slice(2)]
  return [side, `others ${JSON.stringify(namespace.slice(1))}`]
}
