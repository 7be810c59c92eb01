import { concatBytes, decodeBase64Url, encodeBase64Url, textToBytes } from '@conclave/base'
import { hmacBytes } from '@conclave/crypto/verify'
import { bytesToParticipantId, ID_BYTES, SERVER_SENDER } from '@conclave/wire'
import type { ChannelName, MemberId } from '@conclave/wire'
import type { Lane } from '../engine/lane.ts'

/** A guarded channel as a hub knows it: two applications with the same name have two channels. spec G2 */
export interface GuardedAddress {
  readonly app: string
  readonly channel: ChannelName
}

/** Length of the key by which a hub names guarded channels, in bytes. */
export const CHANNEL_KEY_BYTES = 32

/** Derives the names under which engines and clients see channels and members. spec G3 */
export class ChannelNames {
  readonly #key: Uint8Array

  /**
   * @param key 32 bytes; the same at all hubs of an engine
   * @throws RangeError for another length
   */
  constructor(key: Uint8Array) {
    if (key.length !== CHANNEL_KEY_BYTES) {
      throw new RangeError(`"channelKey" expected ${CHANNEL_KEY_BYTES} bytes, got ${key.length}`)
    }
    this.#key = key.slice()
  }

  /** The lane of a channel. */
  async lane({ app, channel }: GuardedAddress): Promise<Lane> {
    const name = [textToBytes('conclave/1 lane'), [0], textToBytes(app), [0], textToBytes(channel)]
    return encodeBase64Url(await this.#derive(name)) as Lane
  }

  /** The id of a user with a device in a channel: the same when it comes again. Never zero, and never that of the server. */
  async member(of: {
    readonly lane: Lane
    readonly user: string
    readonly device: string
  }): Promise<MemberId> {
    const lane = decodeBase64Url(of.lane) ?? new Uint8Array()
    const [user, device] = [textToBytes(of.user), textToBytes(of.device)]
    const bytes = await this.#derive([
      ...[textToBytes('conclave/1 member'), [0], lane, user, [0], device],
    ])
    const id = bytesToParticipantId(bytes)
    if (id !== undefined && id !== SERVER_SENDER) return id
    bytes[0] = 1
    return encodeBase64Url(bytes) as MemberId
  }

  async #derive(parts: readonly (Uint8Array | readonly number[])[]): Promise<Uint8Array> {
    return (await hmacBytes(this.#key, concatBytes(...parts))).slice(0, ID_BYTES)
  }
}
