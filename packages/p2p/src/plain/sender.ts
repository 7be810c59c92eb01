import type { Protection } from '../peer-options.ts'
import { Sender as ProtectedSender } from '../channels/sender.ts'
import type { SenderStartOptions } from '../channels/sender.ts'
import { NOT_ENCRYPTED, clearOptions } from './plain-options.ts'
import type { PlainPeerOptions } from './plain-options.ts'

/** Sends a stream to everybody who asks on the driver. Nothing is end-to-end encrypted: each start raises a `problem`. spec S80 to S82 */
export class Sender extends ProtectedSender {
  /** @throws TypeError for a driver without the three functions, and for wrong `iceServers`; P2pError `ERR_P2P_UNSUPPORTED` */
  constructor(options: PlainPeerOptions) {
    super(clearOptions(options))
  }

  override get protection(): Protection {
    return 'none'
  }

  /** As the protected sender's, after a `problem`. */
  override async start(options: SenderStartOptions): Promise<void> {
    this.raise('problem', { problem: NOT_ENCRYPTED })
    await super.start(options)
  }
}
