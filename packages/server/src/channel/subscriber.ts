import type { ParticipantId } from '@conclave/wire'
import type { EngineEntry } from '../engine/engine.ts'

/** A connection as a channel sees it. None of these may throw. */
export interface Subscriber {
  /** The channel is open to this connection from here on; `others` are in it already. */
  joined(others: readonly ParticipantId[]): void
  /** Sends a control message, encoded once for all subscribers. */
  sendControl(text: string): void
  /** Sends a deliver frame, encoded once for all subscribers. */
  sendFrame(frame: Uint8Array): void
  /** Another connection took over the participant. */
  replaced(): void
  /** The room's owner or a host removed the participant. spec H37 */
  removed(): void
}

/** A participant that asks to enter, and the connection that it comes over. */
export interface ChannelEntry extends EngineEntry {
  readonly subscriber: Subscriber
}
