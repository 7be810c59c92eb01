/**
 * Any driver as a sealed one, by a room behind it whose sessions authenticate each other.
 *
 * @module
 */
import { textToBytes } from '@conclave/base'
import type { KeySource } from '@conclave/e2ee'
import { checkPassphrase } from '@conclave/e2ee/passphrase'
import type { MediaStats } from '@conclave/media'
import type {
  DataProtector,
  Driver,
  FrameProtector,
  Namespace,
  SealedDriver,
  SealedHandler,
} from '@conclave/p2p'
import {
  CLOCK,
  type Kind,
  OBJECT,
  TEXT,
  checkArgument,
  optional,
  wrongArgument,
} from '../arguments.ts'
import { FRAMES_OPTIONS, type RoomDriver } from '../call/hub-driver.ts'
import { SessionFrames } from '../call/session-frames.ts'
import { ClientError } from '../errors.ts'
import { KEY_SOURCE } from '../room/room-kinds.ts'
import type { Room } from '../room/room.ts'
import { DRIVER } from './driver-transport.ts'
import type { EncryptedOptions } from './encrypted-options.ts'
import { EncryptedSession } from './encrypted-session.ts'

/**
 * Seals everything that `Sender`, `Receiver` and `Mesh` send over a plain driver, frames included:
 * `new Sender({ driver: encrypted(new MyDriver(), { passphrase }) })`. What is behind it is a whole room ({@link EncryptedDriver.room}):
 * sessions prove who they are to each other, and each has its own keys. The bus sees what `driverTransport` shows it.
 *
 * A passphrase is stretched for the name of the room that a peer is started in; it takes about 0.2 s. One driver is in one room at a time.
 * spec S75 to S79
 *
 * @throws TypeError `ERR_CLIENT_ARGUMENT`; E2eeError `ERR_E2EE_WEAK_PASSPHRASE`
 */
export function encrypted(driver: Driver, options: EncryptedOptions): EncryptedDriver {
  return new EncryptedDriver(driver, options)
}

/** Made by {@link encrypted}. */
export class EncryptedDriver implements SealedDriver {
  readonly sealed = true
  readonly frames: FrameProtector
  readonly data: DataProtector = {
    seal: async (place, bytes) => (await this.#joined()).data.seal(place, bytes),
    open: async (place, bytes) => (await this.#joined()).data.open(place, bytes),
  }
  readonly #frames: SessionFrames
  readonly #driver: Driver
  readonly #options: EncryptedOptions
  #session: EncryptedSession | undefined

  get [Symbol.toStringTag](): string {
    return 'EncryptedDriver'
  }

  /** Use {@link encrypted}. */
  constructor(driver: Driver, options: EncryptedOptions) {
    checkArgument('driver', driver, DRIVER)
    checkArgument('options', options, OBJECT)
    const { passphrase, keys, name, clock, createWorker, videoCodecs } = options
    checkArgument('name', name, optional(TEXT))
    checkArgument('clock', clock, optional(CLOCK))
    checkArgument('createWorker', createWorker, FRAMES_OPTIONS.createWorker)
    checkArgument('videoCodecs', videoCodecs, FRAMES_OPTIONS.videoCodecs)
    if (passphrase === undefined) checkArgument('keys', keys, SHARED_KEYS)
    else if (keys === undefined) checkPassphrase(passphrase)
    else throw wrongArgument('keys', keys, 'nothing beside a passphrase')
    this.#driver = driver
    this.#options = options
    this.#frames = new SessionFrames(options)
    this.frames = this.#frames
  }

  /** The id of the session; empty while there is none. */
  get id(): string {
    return this.#session?.room?.self.id ?? ''
  }

  /** The room behind the peers, for everything else: who is there, chat, the room code. `undefined` while none is joined. */
  get room(): Room<KeySource> | undefined {
    return this.#session?.room
  }

  /**
   * Joins a room before there is a peer in it, as a `Mesh` needs, whose `id` is this driver's. The first peer does it otherwise. It is left with
   * the last handler, or by {@link EncryptedDriver.close}.
   *
   * @throws as `Room.join` with keys; TypeError `ERR_CLIENT_ARGUMENT` while another room is joined
   */
  async join(room: string): Promise<void> {
    await this.#enter(room).joined
  }

  async on(namespace: Namespace, handler: SealedHandler): Promise<void> {
    const session = this.#enter(namespace[1] ?? '')
    session.use(namespace, handler)
    try {
      const driver = await session.joined
      if (session.isUsed(namespace, handler)) driver.on(namespace, handler)
    } catch (error) {
      if (session.release(namespace, handler)) await this.#end(session)
      throw error
    }
  }

  async off(namespace: Namespace, handler: SealedHandler): Promise<void> {
    const session = this.#session
    if (session?.isUsed(namespace, handler) !== true) return
    if (session.release(namespace, handler)) await this.#end(session)
  }

  async emit(namespace: Namespace, message: unknown): Promise<void> {
    const session = this.#session
    if (session === undefined || session.name !== namespace[1]) {
      throw wrongArgument('namespace', namespace, 'a namespace of the room that is joined')
    }
    await (await session.joined).emit(namespace, message)
  }

  /** Calls `handler` each time the bus is back, until the returned function is called. */
  onReconnect(handler: () => void): () => void {
    return this.#session?.onReconnect(handler) ?? ((): void => undefined)
  }

  /** Calls `handler` for each participant who enters the roster, until the returned function is called. */
  onJoined(handler: (peer: string) => void): () => void {
    return this.#session?.onJoined(handler) ?? ((): void => undefined)
  }

  /** Counters of the frame encryption. Rejects with `ERR_CLIENT_CLOSED` while no frame is protected. */
  stats(): Promise<MediaStats> {
    return this.#frames.stats()
  }

  /** Leaves the room. Peers that still run in it send nothing from then on. A later start joins again, as another session. */
  async close(): Promise<void> {
    if (this.#session !== undefined) await this.#end(this.#session)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #joined(): Promise<RoomDriver> {
    if (this.#session === undefined) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    return this.#session.joined
  }

  async #end(session: EncryptedSession): Promise<void> {
    if (this.#session === session) this.#session = undefined
    await session.end()
  }

  #enter(name: string): EncryptedSession {
    checkArgument('room', name, ROOM_NAME)
    const present = this.#session
    if (present !== undefined && present.name !== name) {
      throw wrongArgument('room', name, 'the room that this driver has joined')
    }
    this.#session ??= new EncryptedSession(name, {
      ...{ driver: this.#driver, options: this.#options, frames: this.#frames },
    })
    return this.#session
  }
}

const SHARED_KEYS: Kind = [
  'keys with one root that all members hold',
  (value) => KEY_SOURCE[1](value) && (value as KeySource).mode !== 'participant',
]
const ROOM_NAME: Kind = [
  'a text of 1 to 1024 bytes',
  (value) => {
    if (typeof value !== 'string') return false
    const { length } = textToBytes(value)
    return length > 0 && length <= 1024
  },
]
