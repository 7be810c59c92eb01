/**
 * The room behind an encrypted driver, from the first handler to the last.
 *
 * @module
 */
import { type Clock, systemClock, textToBytes } from '@conclave/base'
import { hashBytes } from '@conclave/crypto/verify'
import type { KeySource } from '@conclave/e2ee'
import { createPassphraseKeySource } from '@conclave/e2ee/passphrase'
import { namespaceKey } from '@conclave/p2p'
import type { Driver, Namespace, SealedHandler } from '@conclave/p2p'
import { ID_BYTES, bytesToRoomId } from '@conclave/wire'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { RoomDriver } from '../call/hub-driver.ts'
import type { SessionFrames } from '../call/session-frames.ts'
import { ClientError } from '../errors.ts'
import { Room } from '../room/room.ts'
import type { TransportFactory } from '../transport.ts'
import { driverTransport } from './driver-transport.ts'
import type { EncryptedOptions } from './encrypted-options.ts'

/** The needs of an {@link EncryptedSession}. */
export interface EncryptedSessionOptions {
  readonly driver: Driver
  readonly options: EncryptedOptions
  readonly frames: SessionFrames
}

/** One stay in one room. */
export class EncryptedSession {
  readonly name: string
  /** Resolves when those who were there are in the roster, or had time to come into it. */
  readonly joined: Promise<RoomDriver>
  #room: Room<KeySource> | undefined
  #driver: RoomDriver | undefined
  #keys: { close(): void } | undefined
  readonly #options: EncryptedSessionOptions
  readonly #abort = new AbortController()
  readonly #namespacesByHandler = new Map<SealedHandler, Set<string>>()

  constructor(name: string, options: EncryptedSessionOptions) {
    this.name = name
    this.#options = options
    this.joined = this.#join()
    // Everybody who waits for it hears of the failure.
    this.joined.catch(() => undefined)
  }

  /** The room, once it is joined. */
  get room(): Room<KeySource> | undefined {
    return this.#room
  }

  /** A handler is there, or is to be. */
  use(namespace: Namespace, handler: SealedHandler): void {
    const namespaces = this.#namespacesByHandler.get(handler) ?? new Set()
    this.#namespacesByHandler.set(handler, namespaces.add(namespaceKey(namespace)))
  }

  /** Whether a handler is there. */
  isUsed(namespace: Namespace, handler: SealedHandler): boolean {
    return this.#namespacesByHandler.get(handler)?.has(namespaceKey(namespace)) === true
  }

  /** A handler is gone; answers whether it was the last one. */
  release(namespace: Namespace, handler: SealedHandler): boolean {
    this.#driver?.off(namespace, handler)
    const namespaces = this.#namespacesByHandler.get(handler)
    namespaces?.delete(namespaceKey(namespace))
    if (namespaces?.size === 0) this.#namespacesByHandler.delete(handler)
    return this.#namespacesByHandler.size === 0
  }

  /** Calls `handler` each time the bus is back after it was lost, until the returned function is called. */
  onReconnect(handler: () => void): () => void {
    return this.#watch((driver) => driver.onReconnect(handler))
  }

  /** Calls `handler` for each participant who enters the roster, until the returned function is called. */
  onJoined(handler: (peer: string) => void): () => void {
    return this.#watch((driver) => driver.onJoined(handler))
  }

  /** Leaves the room. Never rejects. */
  async end(): Promise<void> {
    this.#abort.abort()
    await this.joined.catch(() => undefined)
    await this.#driver?.close()
    await this.#room?.leave()
    this.#keys?.close()
  }

  #watch(subscribe: (driver: RoomDriver) => () => void): () => void {
    let stop: (() => void) | undefined
    let stopped = false
    this.joined.then(
      (driver) => {
        if (!stopped) stop = subscribe(driver)
      },
      () => undefined,
    )
    return () => {
      stopped = true
      stop?.()
    }
  }

  async #join(): Promise<RoomDriver> {
    const { driver, options, frames } = this.#options
    const { name, clock = systemClock } = options
    const { signal } = this.#abort
    const [room, keys] = await Promise.all([namedRoom(this.name), this.#makeKeys()])
    if (signal.aborted) throw new ClientError('ERR_CLIENT_CLOSED', undefined)
    const named = new Set<ParticipantId>()
    const hub: TransportFactory = (self, context) => {
      const transport = driverTransport(driver)(self, context)
      const stop = transport.on('up', ({ participants }) => {
        for (const id of participants) named.add(id)
        stop()
      })
      transport.on('participantJoined', ({ participant, wasHere }) => {
        if (wasHere === true) named.add(participant)
      })
      return transport
    }
    this.#room = await Room.join(
      { room, keys, hub },
      { ...{ name, signal, clock }, media: false, persons: false },
    )
    this.#driver = new RoomDriver(this.#room, frames)
    await this.#meet(this.#room, { named, clock })
    return this.#driver
  }

  async #makeKeys(): Promise<KeySource> {
    const { options } = this.#options
    if (options.passphrase === undefined) return options.keys
    const { passphrase, salt, kdf, createPassphraseWorker } = options
    const keys = await createPassphraseKeySource(passphrase, {
      ...(salt && { salt }),
      ...(kdf && { kdf }),
      ...(createPassphraseWorker && { createWorker: createPassphraseWorker }),
      room: this.name,
    })
    this.#keys = keys
    return keys
  }

  /** Waits for them: what is said to the room before they are in the roster is not given to them, and a question would go unheard. */
  async #meet(
    room: Room<KeySource>,
    { named, clock }: { readonly named: ReadonlySet<ParticipantId>; readonly clock: Clock },
  ): Promise<void> {
    const haveMet = (): boolean => [...named].every((id) => room.participants.has(id))
    if (haveMet()) return
    const { signal } = this.#abort
    let timer: unknown
    await new Promise<void>((resolve) => {
      const stop = room.subscribe(() => {
        if (haveMet()) done()
      })
      const done = (): void => {
        stop()
        clock.clearTimeout(timer)
        resolve()
      }
      timer = clock.setTimeout(done, MEET_MS)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}

/** The id of a room that has a name: no secret goes into it, and the bus does not see it. spec S76 */
export async function namedRoom(name: string): Promise<RoomId> {
  const hash = await hashBytes(textToBytes(`conclave/1 named room\0${name}`))
  // 16 bytes are always an id.
  return bytesToRoomId(hash.slice(0, ID_BYTES)) as RoomId
}

/** Members who are slow are found by the peers' own questions. */
const MEET_MS = 2000
