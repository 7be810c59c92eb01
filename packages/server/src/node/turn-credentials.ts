import { createHmac } from 'node:crypto'
import type { GivenIceServer, IceServerSource } from '../ops/ice-servers.ts'

/** A relay that takes credentials which run out, as coturn does with `use-auth-secret`. */
export interface TurnCredentialsOptions {
  /** The secret that the hub shares with the relay: `static-auth-secret` of coturn. */
  readonly secret: string
  /** Its addresses: `turn:relay.example:3478?transport=udp`, `turns:relay.example:5349?transport=tcp`. */
  readonly urls: readonly string[]
  /** How long credentials hold. Default: 10 minutes. */
  readonly lifetimeMs?: number
  /** Servers to name beside it. */
  readonly others?: readonly GivenIceServer[]
}

/**
 * Credentials for a relay that run out, fresh for each connection: the name says when, and the password proves that the hub
 * gave it (HMAC-SHA1 over the name, the scheme of coturn). spec H58
 */
export function createTurnCredentials(options: TurnCredentialsOptions): IceServerSource {
  const { secret, urls, lifetimeMs = TEN_MINUTES_MS, others = [] } = options
  return ({ label, nowMs }) => {
    const untilS = Math.floor((nowMs + lifetimeMs) / 1000)
    const username = `${untilS}:${label}`
    const credential = createHmac('sha1', secret).update(username).digest('base64')
    return { servers: [...others, { urls, username, credential }], untilMs: 1000 * untilS }
  }
}

const TEN_MINUTES_MS = 600_000
