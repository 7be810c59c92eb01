/** The limits of this connection. The hub never refuses a client that keeps them for its rate. */
export interface ConnectionLimits {
  readonly maxPayloadBytes: number
  readonly publishPerSecond: number
  readonly publishBurst: number
  readonly bytesPerSecond: number
  readonly bytesBurst: number
  readonly maxParticipants: number
  readonly pingIntervalMs: number
  /** Publishes that may wait for their acknowledgement at once; beyond them the hub stops reading for a while. spec W17 */
  readonly publishesInFlight?: number
  readonly channelsPerConnection?: number
  /** Largest message of a WebSocket that the hub reads, of either kind. */
  readonly maxMessageBytes?: number
  /** Time in which a connection must join a channel, and the next one after it left its last. */
  readonly joinDeadlineMs?: number
  /** Refused messages before the connection ends. */
  readonly dropsPerSecond?: number
  readonly dropBurst?: number
  /** Bytes that may wait for a client that reads slowly. */
  readonly outboundHardBytes?: number
  /** Guarded channels of one connection. spec W25 */
  readonly subscriptionsPerConnection?: number
  /** Messages to guarded channels of one user over all its connections. */
  readonly publishesPerUser?: number
  readonly publishBurstPerUser?: number
  /** Signals of one connection; more are dropped. */
  readonly signalPerSecond?: number
  readonly signalBurst?: number
}
