/**
 * The manager that puts a key provider's keys on a connection, a sender, a receiver or a room.
 *
 * @module
 */
import { describeType, Emitter } from '@conclave/base'
import {
  BaseKeyProvider,
  ParticipantKeyProvider,
  randomParticipantId,
  refuseClearFrames,
  SharedKeyProvider,
} from '@conclave/e2ee'
import type { KeyProviderOptions, KeySource } from '@conclave/e2ee'
import { ExternalE2EEKeyProvider } from '@conclave/e2ee/passphrase'
import type { ParticipantId, RoomId } from '@conclave/wire'
import { isMediaError, MediaError } from '../../errors.ts'
import { FrameCrypto } from '../frame-crypto.ts'
import type { LostDirection } from '../frame-crypto.ts'
import type { FrameCryptoEvents, FrameCryptoOptions } from '../frame-crypto-options.ts'
import type { MediaStats } from '../media-stats.ts'
import { AttachedConnection } from './attached-connection.ts'
import { defaultLabel, kindOf, requireHeldConnection, requireNoTrack } from './attachment.ts'
import type { ConnectionAttachment, TrackAttachment } from './attachment.ts'
import { guardSender } from './guarded-sender.ts'

/** The options of an {@link E2EEManager}. */
export interface E2EEManagerOptions
  extends
    KeyProviderOptions,
    Pick<FrameCryptoOptions, 'createWorker' | 'api' | 'suite' | 'serverFrames' | 'clock'> {
  /** One of the key providers, or any key source. It stays yours: you close it when you are done with its keys. */
  readonly keyProvider: KeySource
  /** The same for everyone in the call; needed to attach to anything but a room. Random, or a room's own. */
  readonly room?: RoomId | undefined
  /** This session's id, which the others know it by. Left out: the provider's, or a fresh one. Never used again. */
  readonly self?: ParticipantId | undefined
}

/** The events of an {@link E2EEManager}: those of its frame encryption. */
export type E2EEManagerEvents = FrameCryptoEvents

/** The part of a `Room` of `@conclave/client` that a manager looks at. */
export interface AttachableRoom {
  readonly isE2EEEnabled: boolean
  readonly keys: unknown
}

/**
 * Puts the keys of a provider on media: of an `RTCPeerConnection`, an `RTCRtpSender` or an `RTCRtpReceiver`, whose frames it
 * seals and opens in its own worker. It has no way to switch that off. chapter media, section 7
 */
export class E2EEManager {
  static readonly BaseKeyProvider: typeof BaseKeyProvider = BaseKeyProvider
  static readonly SharedKeyProvider: typeof SharedKeyProvider = SharedKeyProvider
  static readonly ExternalE2EEKeyProvider: typeof ExternalE2EEKeyProvider = ExternalE2EEKeyProvider
  static readonly ParticipantKeyProvider: typeof ParticipantKeyProvider = ParticipantKeyProvider

  /** Make every connection with it: it makes Chromium hold frames back until they are sealed. */
  readonly connectionConfig: RTCConfiguration & { readonly encodedInsertableStreams: true } = {
    encodedInsertableStreams: true,
  }
  readonly keyProvider: KeySource
  /** This session's id: tell it to the others, as the participant whose frames these are. */
  readonly self: ParticipantId
  readonly #options: E2EEManagerOptions
  readonly #events = new Emitter<E2EEManagerEvents>()
  #frames: FrameCrypto | undefined
  /** Resolves when a passphrase that was set is stretched. */
  #bound: Promise<void> | undefined
  #isClosed = false
  #lost = new Set<LostDirection>()

  get [Symbol.toStringTag](): string {
    return 'E2EEManager'
  }

  /**
   * @throws TypeError that names `keyProvider`
   * @throws E2eeError `ERR_E2EE_CLEAR_FRAMES`
   * @throws CryptoError `ERR_CRYPTO_UNSUPPORTED` without random numbers; attaching rejects with it outside a secure context
   */
  constructor(options: E2EEManagerOptions) {
    refuseClearFrames(options)
    const { keyProvider, self } = options ?? {}
    if (typeof keyProvider?.epochEndingIn !== 'function') {
      const got = describeType(keyProvider)
      throw new TypeError(`"keyProvider" expected a key provider, got ${got}`)
    }
    this.keyProvider = keyProvider
    this.self = self ?? keyProvider.self ?? randomParticipantId()
    this.#options = options
  }

  /** Always `true`: there is no way to attach without encryption. */
  get isEnabled(): true {
    return true
  }

  /**
   * Attaches to a new connection: every sender and receiver that it gets is protected before the call or event that brings it
   * is over, and a track is on a sender only when that is confirmed. Resolves when the worker holds a key to seal with;
   * failures after that are the event `error`. spec M67
   *
   * @throws MediaError (rejects) `ERR_MEDIA_CONNECTION`, and as `FrameCrypto`
   */
  attach(target: RTCPeerConnection, options: ConnectionAttachment): Promise<void>
  /**
   * Attaches to a sender without a track, or to a receiver within its `track` event. If it rejects you must put no track on the
   * sender; the receiver's is disabled. spec M66
   *
   * @throws MediaError (rejects) `ERR_MEDIA_CONNECTION`, and as `FrameCrypto.protectSender`
   */
  attach(target: RTCRtpSender | RTCRtpReceiver, options: TrackAttachment): Promise<void>
  /**
   * Resolves for a room that was joined with the keys of this provider, which is all that it takes. spec M68
   *
   * @throws TypeError (rejects) for any other room: keys cannot be exchanged under a running one
   */
  attach(target: AttachableRoom): Promise<void>
  async attach(
    target: RTCPeerConnection | RTCRtpSender | RTCRtpReceiver | AttachableRoom,
    options?: ConnectionAttachment | TrackAttachment,
  ): Promise<void> {
    if (isRoom(target)) return this.#requireOwnKeys(target)
    if (isConnection(target)) {
      return this.#attachConnection(target, requireOptions(options, 'peer'))
    }
    const { connection, peer, label } = requireOptions<TrackAttachment>(options, 'connection')
    requireHeldConnection(connection)
    const frames = this.#requireFrames()
    if ('replaceTrack' in target) {
      requireNoTrack([target])
      const kind = senderKind(target, connection)
      const track = { label: label ?? defaultLabel(kind), kind }
      const protection = this.#keyed(frames.protectSender(target, track, { peer, connection }))
      guardSender(target, { protection, isLost: this.#isSendingLost })
      return protection
    }
    const kind = kindOf(target.track)
    const track = { label: label ?? defaultLabel(kind), kind }
    return frames.protectReceiver(target, track, { peer, connection })
  }

  /** Forgets a connection that was closed. */
  release(connection: RTCPeerConnection): void {
    this.#frames?.release(connection)
  }

  /** Counters since the start: in all, by participant, by track. */
  getStats(): Promise<MediaStats> {
    return this.#requireFrames().stats()
  }

  /** Calls `handler` for each event of a type until the returned function is called. */
  on<T extends keyof E2EEManagerEvents>(
    type: T,
    handler: (event: E2EEManagerEvents[T]) => void,
  ): () => void {
    return this.#events.on(type, handler)
  }

  /** Stops every track that was attached, then ends the worker and with it all keys. Can be called again. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#frames?.close()
    this.#events.clear()
  }

  async #attachConnection(
    connection: RTCPeerConnection,
    names: ConnectionAttachment,
  ): Promise<void> {
    requireHeldConnection(connection)
    requireNoTrack(connection.getSenders())
    const frames = this.#requireFrames()
    const onError = (error: unknown): void => this.#report(error)
    const whenKeyed = (protection: Promise<void>): Promise<void> => this.#whenKeyed(protection)
    const isLost = this.#isSendingLost
    new AttachedConnection(connection, { ...names, frames, whenKeyed, isLost, onError })
    await this.#keyed(frames.ready)
  }

  /** Gives a key that is in the making the time that it needs. */
  async #keyed(protection: Promise<void>): Promise<void> {
    try {
      await protection
    } catch (error) {
      if (!isMissingKey(error)) throw error
      await this.#bound
      await this.#requireFrames().describe()
    }
  }

  /** Waits for a key, for as long as there is none. */
  async #whenKeyed(protection: Promise<void>): Promise<void> {
    let next = protection
    for (;;) {
      let stop = (): void => {}
      const changed = new Promise<void>((resolve) => {
        stop = this.keyProvider.on('epochChanged', () => resolve())
      })
      try {
        await next
        return
      } catch (error) {
        if (!isMissingKey(error)) throw error
        await changed
      } finally {
        stop()
      }
      next = this.#requireFrames()
        .describe()
        .then(() => {})
    }
  }

  #requireOwnKeys({ isE2EEEnabled, keys }: AttachableRoom): void {
    if (isE2EEEnabled && keys === this.keyProvider) return
    throw new TypeError(
      '"target" expected a room that was joined with the keyProvider of this manager as its "keys"',
    )
  }

  /** Made when it is first needed: for a room no worker is started. */
  #requireFrames(): FrameCrypto {
    if (this.#isClosed) throw new MediaError('ERR_MEDIA_CLOSED', undefined)
    if (this.#frames !== undefined) return this.#frames
    const { keyProvider, self } = this
    const { room, createWorker, api, suite, serverFrames, clock } = this.#options
    const frames = new FrameCrypto({
      ...{ keys: keyProvider, room: room as RoomId, self, serverFrames },
      ...(createWorker && { createWorker }),
      ...(api && { api }),
      ...(suite && { suite }),
      ...(clock && { clock }),
    })
    try {
      this.#bound = keyProvider.bind?.({ room: room as RoomId, self })
    } catch (error) {
      void frames.close()
      throw error
    }
    this.#bound?.catch((error: unknown) => this.#report(error))
    for (const type of EVENTS) frames.on(type, (event) => this.#events.emit(type, event as never))
    frames.onLost((direction) => this.#lost.add(direction))
    this.#frames = frames
    return frames
  }

  readonly #isSendingLost = (): boolean => this.#lost.has('send')

  #report(error: unknown): void {
    const known = isMediaError(error)
      ? error
      : new MediaError('ERR_MEDIA_ATTACH', { label: '' }, { cause: error })
    this.#events.emit('error', { error: known })
  }
}

const EVENTS: readonly (keyof E2EEManagerEvents)[] = ['state', 'cleartext-risk', 'error', 'failed']

const isMissingKey = (error: unknown): boolean =>
  isMediaError(error) && error.code === 'ERR_MEDIA_NO_KEY'

const isRoom = (target: object): target is AttachableRoom => 'isE2EEEnabled' in target

const isConnection = (target: object): target is RTCPeerConnection => 'addTransceiver' in target

/** The kind of a sender without a track. */
const senderKind = (sender: RTCRtpSender, connection: RTCPeerConnection): 'audio' | 'video' => {
  const transceiver = connection.getTransceivers().find((each) => each.sender === sender)
  if (transceiver) return kindOf(transceiver.receiver.track)
  throw new TypeError('"connection" expected the connection of the sender')
}

const requireOptions = <T extends object>(options: unknown, name: string): T => {
  if (typeof options === 'object' && options !== null && name in options) return options as T
  throw new TypeError(`"${name}" expected in the options, got ${describeType(options)}`)
}
