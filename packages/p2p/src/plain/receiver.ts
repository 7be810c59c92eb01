import type { Protection } from '../peer-options.ts'
import { Receiver as ProtectedReceiver } from '../channels/receiver.ts'
import { NOT_ENCRYPTED, clearOptions } from './plain-options.ts'
import type { PlainPeerOptions } from './plain-options.ts'

/** Receives from everybody who answers on the driver. Nothing is end-to-end encrypted: each start raises a `problem`. spec S80 to S82 */
export class Receiver extends ProtectedReceiver {
  /** @throws TypeError for a driver without the three functions, and for wrong `iceServers`; P2pError `ERR_P2P_UNSUPPORTED` */
  constructor(options: PlainPeerOptions) {
    super(clearOptions(options))
  }

  override get protection(): Protection {
    return 'none'
  }

  /** As the protected receiver's, after a `problem`. */
  override async start(options: { readonly room: string }): Promise<void> {
    this.raise('problem', { problem: NOT_ENCRYPTED })
    await super.start(options)
  }
}
