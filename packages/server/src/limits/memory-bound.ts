import { MAX_REVOCATIONS } from '../access/revocations.ts'
import { MAX_TICKETS } from '../access/tickets.ts'
import { MAX_BODY_BYTES, MAX_REQUESTS, MAX_SEEN_TOKENS } from '../api/server-api.ts'
import { DEDUPE_BYTES, MAX_DEDUPE_ENTRIES, LEAST_DEDUPE_ENTRIES } from '../engine/dedupe-window.ts'
import type { HubLimits } from './hub-limits.ts'
import { MAX_WEBHOOK_EVENTS } from '../webhooks/webhooks.ts'
import { FREE_BYTES } from './memory-pool.ts'

/**
 * The memory that a hub takes at most, whatever clients and the servers of applications do: the sum of the bounds of all tables and queues that
 * they can fill. The sizes of entries are measured ones, rounded up. TLS takes {@link tlsBound} beside it. spec H44
 */
export function memoryBound(limits: Omit<HubLimits, 'memoryBytes'>): number {
  const { connections, sockets, channels, addresses, guardedChannels, subscriptions } = limits
  return (
    PROCESS_BYTES +
    connections * (CONNECTION_BYTES + 2 * FREE_BYTES) +
    sockets * SOCKET_BYTES +
    channels * CHANNEL_BYTES +
    addresses * ADDRESS_BYTES +
    guardedChannels * GUARDED_CHANNEL_BYTES +
    subscriptions * SUBSCRIPTION_BYTES +
    limits.presenceInfoBytes * INFO_COPIES +
    WEBHOOK_BYTES +
    API_BYTES +
    ACCESS_BYTES +
    (MAX_DEDUPE_ENTRIES + (channels + guardedChannels) * LEAST_DEDUPE_ENTRIES) * DEDUPE_BYTES +
    limits.outboundTotalBytes +
    limits.inboundTotalBytes
  )
}

/** The memory that OpenSSL takes for the connections of a hub with its own certificate, outside the heap. spec H44 */
export function tlsBound({ connections, sockets }: HubLimits): number {
  return (connections + sockets) * TLS_BYTES
}

const TLS_BYTES = 60_000
/** The code and Node's own, without the app's files. */
const PROCESS_BYTES = 64 * 1024 * 1024
const CONNECTION_BYTES = 20_000
const SOCKET_BYTES = 16_000
const CHANNEL_BYTES = 3000
const GUARDED_CHANNEL_BYTES = 4200
/** With the entries of a member at the engine and here, its user, and its names at their longest. */
const SUBSCRIPTION_BYTES = 2750
/** As the member gave it, and as the engine carries it. */
const INFO_COPIES = 2
/** The events that wait for the servers of applications. */
const WEBHOOK_EVENT_BYTES = 600
const WEBHOOK_BYTES = MAX_WEBHOOK_EVENTS * WEBHOOK_EVENT_BYTES
const ADDRESS_BYTES = 450
/** A body as it came, as text, and as what it says. */
const BODY_COPIES = 3
const SEEN_TOKEN_BYTES = 300
const API_BYTES = MAX_REQUESTS * MAX_BODY_BYTES * BODY_COPIES + MAX_SEEN_TOKENS * SEEN_TOKEN_BYTES
const TICKET_BYTES = 1100
const REVOCATION_BYTES = 500
const ACCESS_BYTES = MAX_TICKETS * TICKET_BYTES + MAX_REVOCATIONS * REVOCATION_BYTES
