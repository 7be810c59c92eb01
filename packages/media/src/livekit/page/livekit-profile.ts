/**
 * LiveKit's frame format on the page: its worker, and the keys on their way there.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'
import { MediaError } from '../../errors.ts'
import type {
  FormatProfile,
  FrameProfile,
  ProfileKeys,
  ProfileSession,
} from '../../page/frame-profile.ts'
import { LIVEKIT_CODECS } from '../format/livekit-codecs.ts'
import { checkLiveKitName } from './livekit-keys.ts'
import type { LiveKitKeyChange, LiveKitKeys } from './livekit-keys.ts'
import { spawnLiveKitWorker } from './spawn.ts'

/**
 * The profile of frames as LiveKit's clients send and read them, with these keys. Spec M75 to M87; section 8 there says what this
 * profile does not protect.
 */
export function createLiveKitProfile(keys: LiveKitKeys): FrameProfile {
  const profile: FormatProfile = {
    name: 'livekit',
    codecs: LIVEKIT_CODECS,
    workerEntry: '@conclave/media/livekit/worker',
    spawnWorker: spawnLiveKitWorker,
    checkPeer(peer, self) {
      if (checkLiveKitName('peer', peer) !== self) return peer as ParticipantId
      throw new TypeError('"peer" expected the name of another participant')
    },
    startKeys: (session) => new LiveKitKeyDelivery(keys, session),
  }
  return profile
}

/** Gives every key to the worker, and tells it which to seal with. */
class LiveKitKeyDelivery implements ProfileKeys {
  readonly #keys: LiveKitKeys
  readonly #session: ProfileSession
  readonly #ownRing: string | undefined
  readonly #unsubscribe: readonly (() => void)[]
  /** Settles when the worker has all that it was told so far. */
  #delivered: Promise<unknown> = Promise.resolve()

  constructor(keys: LiveKitKeys, session: ProfileSession) {
    this.#keys = keys
    this.#session = session
    this.#ownRing = keys.isShared ? undefined : checkLiveKitName('self', session.self)
    for (const place of keys.places()) this.#give(place)
    this.#use()
    this.#unsubscribe = [
      keys.on('key', (place) => {
        this.#give(place)
        if (this.#isSealing(place)) this.#noteSenderKey()
      }),
      keys.on('current', ({ ring }) => {
        if (ring !== this.#ownRing) return
        this.#use()
        this.#noteSenderKey()
      }),
    ]
  }

  async requireSenderKey(): Promise<void> {
    await this.#delivered
    const { failure } = this.#session.link
    if (failure) throw failure
    const index = this.#keys.currentIndex(this.#ownRing)
    if (this.#keys.find({ ring: this.#ownRing, index })) return
    const message = `no key to seal media with at index ${index} of the ring`
    throw new MediaError('ERR_MEDIA_NO_KEY', { epoch: BigInt(index) }, { message })
  }

  /** The worker of this format asks for nothing. */
  receive(): void {}

  async describe(): Promise<string> {
    await this.requireSenderKey()
    return `livekit/${this.#keys.currentIndex(this.#ownRing)}`
  }

  /** Keys of this format are set by the application. */
  prepare(): void {}

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
  }

  #isSealing({ ring, index }: LiveKitKeyChange): boolean {
    return ring === this.#ownRing && index === this.#keys.currentIndex(ring)
  }

  #give(slot: LiveKitKeyChange): void {
    this.#request({ type: 'ring-key', slot, key: this.#keys.find(slot) })
  }

  #use(): void {
    const index = this.#keys.currentIndex(this.#ownRing)
    this.#request({ type: 'use-ring-key', slot: { ring: this.#ownRing, index } })
  }

  /** The worker answers in order; what it cannot answer because it failed, its link reports. */
  #request(request: Parameters<ProfileSession['link']['request']>[0]): void {
    const answered = this.#session.link.request(request).catch(() => {})
    this.#delivered = Promise.all([this.#delivered, answered])
  }

  #noteSenderKey(): void {
    this.requireSenderKey().then(
      () => this.#session.onSenderKey(),
      (error: MediaError) => {
        if (error.code === 'ERR_MEDIA_NO_KEY') this.#session.onNoKey(error)
      },
    )
  }
}
