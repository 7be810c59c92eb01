import { DEDUPE_BYTES, MAX_DEDUPE_ENTRIES, LEAST_DEDUPE_ENTRIES } from '../engine/dedupe-window.ts'
import type { HubLimits } from './hub-limits.ts'
import { FREE_BYTES } from './memory-pool.ts'

/**
 * The memory that a hub takes at most, whatever clients do: the sum of the bounds of all tables and queues that clients can fill. The sizes of
 * entries are measured ones, rounded up. spec H44
 */
export function memoryBound(limits: Omit<HubLimits, 'memoryBytes'>): number {
  const { connections, sockets, channels, addresses } = limits
  return (
    PROCESS_BYTES +
    connections * (CONNECTION_BYTES + 2 * FREE_BYTES) +
    sockets * SOCKET_BYTES +
    channels * CHANNEL_BYTES +
    addresses * ADDRESS_BYTES +
    (MAX_DEDUPE_ENTRIES + channels * LEAST_DEDUPE_ENTRIES) * DEDUPE_BYTES +
    limits.outboundTotalBytes +
    limits.inboundTotalBytes
  )
}

/** The code and Node's own, without the app's files. */
const PROCESS_BYTES = 64 * 1024 * 1024
const CONNECTION_BYTES = 28_000
const SOCKET_BYTES = 16_000
const CHANNEL_BYTES = 3000
const ADDRESS_BYTES = 450
