import { encodeBase64Url } from '@conclave/base'
import type { Clock } from '@conclave/base'
import { randomBytes } from '@conclave/crypto/verify'
import type { IceServer } from '@conclave/wire'
import type { MintedIceServers } from '../ops/ice-servers.ts'

/** The parts of {@link IceCredentials}. */
export interface IceCredentialsOptions {
  readonly clock: Clock
  readonly mint: (label: string) => MintedIceServers
  /** Names the servers to the client, for a channel that it is in. */
  readonly send: (channel: number, servers: readonly IceServer[]) => void
  readonly isJoined: (channel: number) => boolean
}

/**
 * The STUN and TURN servers of one connection, for its channels: named after each join, and again before their credentials
 * run out. spec H38 H58
 */
export class IceCredentials {
  readonly #options: IceCredentialsOptions
  /** The channels whose servers are named again. */
  #channels: readonly number[] = []
  /** Names the connection to the relay, which sees nothing else of it. */
  #label: string | undefined
  #minted: MintedIceServers | undefined
  #timer: unknown

  constructor(options: IceCredentialsOptions) {
    this.#options = options
  }

  /** Names the servers for a channel that the connection has just joined. */
  joined(channel: number): void {
    const minted = this.#current()
    if (minted.servers.length === 0) return
    this.#channels = [...this.#channels.filter((other) => other !== channel), channel]
    this.#options.send(channel, minted.servers)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
    this.#channels = []
  }

  #current(): MintedIceServers {
    const { clock, mint } = this.#options
    if (this.#minted !== undefined) return this.#minted
    this.#label ??= encodeBase64Url(randomBytes(LABEL_BYTES))
    const minted = mint(this.#label)
    this.#minted = minted
    const leftMs = minted.untilMs - clock.now()
    if (Number.isFinite(leftMs))
      this.#timer = clock.setTimeout(() => this.#refresh(), leftMs * REFRESH_AT)
    return minted
  }

  /** Those who have left every channel learn no more; the next join mints again. */
  #refresh(): void {
    const { send, isJoined } = this.#options
    this.#minted = undefined
    this.#channels = this.#channels.filter((channel) => isJoined(channel))
    if (this.#channels.length === 0) return
    const { servers } = this.#current()
    for (const channel of this.#channels) send(channel, servers)
  }
}

const LABEL_BYTES = 9
/** The part of their time after which credentials are renewed: a message that comes late still comes in time. */
const REFRESH_AT = 0.75
