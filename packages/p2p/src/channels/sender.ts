import type { AttachData } from '../connection/peer-context.ts'
import type { PeerOptions } from '../peer-options.ts'
import { Sender as MediaSender } from '../sender.ts'
import type { SenderStartOptions as MediaStartOptions } from '../sender.ts'
import type { ChannelData, ChannelDeclarations, ChannelSendOptions } from './channel-events.ts'
import { PeerChannels } from './peer-channels.ts'

/** Options of {@link Sender.start}. */
export interface SenderStartOptions extends MediaStartOptions {
  /** Channels to make with each receiver, by their labels: `{ chat: { ordered: true } }`. spec S99 */
  readonly channels?: ChannelDeclarations
}

/** Sends a stream to all receivers of a room, and makes channels with each, in which both sides send. */
export class Sender extends MediaSender {
  readonly #options: PeerOptions
  #channels: PeerChannels | undefined

  /** @throws as the sender without channels */
  constructor(options: PeerOptions) {
    super(options)
    this.#options = options
  }

  /**
   * Starts to send. Resolves when receivers can find it; rejects with the driver's error if they cannot.
   *
   * @throws TypeError if it runs already, for metadata that is too long, for malformed labels, and for channels without a
   *   data protector; RangeError for more than 64 channels
   */
  override async start({ channels, ...options }: SenderStartOptions): Promise<void> {
    if (!this.active) this.#channels = channels && this.#make(channels)
    await super.start(options)
  }

  /**
   * Sends a text or bytes to the receivers and in the channels that are named, or to all of them and in all. Resolves
   * when there is room for more. A failure with one of all is a `channel:error`.
   *
   * @throws P2pError `ERR_P2P_DATA_CLOSED`, `ERR_P2P_DATA_QUEUE_FULL`, `ERR_P2P_DATA_TOO_LARGE`; TypeError for no data, and without
   *   channels; all as rejections
   */
  async send(data: ChannelData, options: ChannelSendOptions = {}): Promise<void> {
    if (this.#channels === undefined) {
      throw new TypeError('"send" expected a sender that was started with channels')
    }
    await this.#channels.send(data, options)
  }

  protected override get hasChannels(): boolean {
    return this.#channels !== undefined
  }

  protected override dataWith(peer: string): AttachData | undefined {
    return this.#channels?.attachTo(peer)
  }

  #make(declared: ChannelDeclarations): PeerChannels {
    const { driver, data = driver.data } = this.#options
    return new PeerChannels({
      ...{ protector: data, declared },
      raise: (type, detail) => this.raise(type, detail),
    })
  }
}
