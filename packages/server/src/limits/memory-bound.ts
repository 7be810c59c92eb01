import { DEDUPE_BYTES, MAX_DEDUPE_ENTRIES, LEAST_DEDUPE_ENTRIES } from '../engine/dedupe-window.ts'
import type { HubLimits } from './hub-limits.ts'
import { MAX_WEBHOOK_EVENTS } from '../webhooks/webhooks.ts'
import { FREE_BYTES } from './memory-pool.ts'

/**
 * The memory that a hub takes at most, whatever clients do: the sum of the bounds of all tables and queues that clients can fill. The sizes of
 * entries are measured ones, rounded up. spec H44
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
    (MAX_DEDUPE_ENTRIES + (channels + guardedChannels) * LEAST_DEDUPE_ENTRIES) * DEDUPE_BYTES +
    limits.outboundTotalBytes +
    limits.inboundTotalBytes
  )
}

/** The code and Node's own, without the app's files. */
const PROCESS_BYTES = 64 * 1024 * 1024
const CONNECTION_BYTES = 20_000
const SOCKET_BYTES = 16_000
const CHANNEL_BYTES = 3000
const GUARDED_CHANNEL_BYTES = 4200
/** With the entry of a member at the engine, its user, and its names at their longest. */
const SUBSCRIPTION_BYTES = 2500
/** As the member gave it, and as the engine carries it. */
const INFO_COPIES = 2
/** The events that wait for the servers of applications. */
const WEBHOOK_EVENT_BYTES = 600
const WEBHOOK_BYTES = MAX_WEBHOOK_EVENTS * WEBHOOK_EVENT_BYTES
const ADDRESS_BYTES = 450
