import type { AttachData } from '../connection/peer-context.ts'
import type { PeerOptions } from '../peer-options.ts'
import { Receiver as MediaReceiver } from '../receiver.ts'
import type { ChannelData, ChannelSendOptions } from './channel-events.ts'
import { PeerChannels } from './peer-channels.ts'

/** Receives from all senders of a room, and takes part in the channels that they make. */
export class Receiver extends MediaReceiver {
  readonly #channels: PeerChannels

  /** @throws as the receiver without channels, and TypeError without a data protector */
  constructor(options: PeerOptions) {
    super(options)
    const { driver, data = driver.data } = options
    this.#channels = new PeerChannels({
      protector: data,
      raise: (type, detail) => this.raise(type, detail),
    })
  }

  /** Sends to the senders and in the channels that are named, or to all of them and in all; as `Sender.send`. */
  async send(data: ChannelData, options: ChannelSendOptions = {}): Promise<void> {
    await this.#channels.send(data, options)
  }

  protected override dataWith(peer: string): AttachData {
    return this.#channels.attachTo(peer)
  }
}
