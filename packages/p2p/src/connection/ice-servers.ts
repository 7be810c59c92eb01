/**
 * STUN and TURN servers, whose credentials may run out.
 *
 * @module
 */
import type { Clock } from '@conclave/base'
import { P2pError } from '../errors.ts'
import type { AnyP2pError } from '../errors.ts'

/**
 * STUN and TURN servers: a list, or a function that is asked before each connection and each restart of ICE, so that credentials
 * may run out. Connections that ask within a second of each other share an answer. spec S39, S87
 */
export type IceServerSource =
  | readonly RTCIceServer[]
  | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>)

/** Options of {@link IceServers}. */
export interface IceServersOptions {
  readonly source: IceServerSource
  /** `relay`: nothing but relays, which hides addresses from peers. */
  readonly policy: RTCIceTransportPolicy | undefined
  readonly clock: Clock
  readonly failed: (error: AnyP2pError) => void
}

/** The servers of all connections of a mesh, a sender or a receiver. */
export class IceServers {
  readonly #options: IceServersOptions
  /** As the function gave them last. */
  #known: readonly RTCIceServer[]
  #asked: { readonly atMs: number; readonly done: Promise<void> } | undefined

  /** @throws TypeError for a list of servers that this platform does not take */
  constructor(options: IceServersOptions) {
    const { source, policy } = options
    this.#options = options
    this.#known = typeof source === 'function' ? [] : source
    if (this.#known.length === 0 && policy === undefined) return
    try {
      // Only the platform knows which servers it takes; unchecked, it would refuse each connection with a peer.
      new RTCPeerConnection(this.configuration).close()
    } catch (cause) {
      throw new TypeError('"iceServers" expected servers that this browser takes', { cause })
    }
  }

  /** For a new connection; {@link renew} it before it gathers candidates. */
  get configuration(): RTCConfiguration {
    const { policy } = this.#options
    return {
      ...(this.#known.length > 0 && { iceServers: [...this.#known] }),
      ...(policy && { iceTransportPolicy: policy }),
    }
  }

  /**
   * Gives a connection the servers for what it gathers next. Does not reject: a function that fails or takes longer than 5 s is
   * reported, and the connection keeps the servers that it has.
   */
  async renew(connection: RTCPeerConnection): Promise<void> {
    const { source, clock } = this.#options
    if (typeof source !== 'function') return
    if (this.#asked === undefined || clock.now() - this.#asked.atMs >= SHARED_MS) {
      this.#asked = { atMs: clock.now(), done: this.#ask(source) }
    }
    await this.#asked.done
    if (connection.connectionState === 'closed') return
    try {
      connection.setConfiguration({ ...connection.getConfiguration(), ...this.configuration })
    } catch (cause) {
      this.#known = []
      this.#report(cause)
    }
  }

  async #ask(
    source: () => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>,
  ): Promise<void> {
    const { clock } = this.#options
    let timer: unknown
    const patience = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => reject(new Error('no answer')), PATIENCE_MS)
    })
    try {
      this.#known = [...(await Promise.race([(async () => source())(), patience]))]
    } catch (cause) {
      this.#report(cause)
    } finally {
      clock.clearTimeout(timer)
    }
  }

  #report(cause: unknown): void {
    this.#options.failed(
      new P2pError('ERR_P2P_ICE_SERVERS', undefined, { message: 'no ICE servers', cause }),
    )
  }
}

/** So that a mesh whose network came back asks once for all its connections. */
const SHARED_MS = 1_000
/** How long a connection waits for its servers. */
const PATIENCE_MS = 5_000
