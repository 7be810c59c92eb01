import { ReplayWindow } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { REPLAY_WINDOW } from '../core/replay-window.ts'
import { E2eeError } from '../errors.ts'
import type { SealedCount } from '../keys/event-keys.ts'
import type { Audience } from './message-envelope.ts'
import { SendCounter } from './send-counter.ts'

/** Peers whose counters and windows are kept, at most. spec P12 */
export const MAX_PEERS = 16_384

/**
 * Counters and replay windows of all streams. Bounded, and nothing in it is ever evicted: a counter that
 * restarts repeats nonces, a window that is lost lets replays in. spec P12, P13
 */
export class PeerTable {
  readonly #limits: { readonly maxPeers: number; readonly maxMessagesPerKey: number }
  readonly #roomCounter: SendCounter
  readonly #counterByRecipient = new Map<ParticipantId, SendCounter>()
  readonly #windowsBySender = new Map<ParticipantId, { [A in Audience]?: ReplayWindow }>()

  constructor(limits: { readonly maxPeers: number; readonly maxMessagesPerKey: number }) {
    this.#limits = limits
    this.#roomCounter = new SendCounter(limits)
  }

  /** The sequence of the next message to a recipient (left out: the room). */
  nextSequence(recipient: ParticipantId | undefined): number {
    if (recipient === undefined) return this.#roomCounter.next
    return this.#counterByRecipient.get(recipient)?.next ?? 0
  }

  /**
   * Takes the next sequence to a recipient (left out: the room).
   *
   * @param root `count` of the key that seals
   * @throws E2eeError `ERR_E2EE_TOO_MANY_PEERS`, `ERR_E2EE_EXHAUSTED`, and takes nothing
   */
  takeSequence(recipient: ParticipantId | undefined, root: SealedCount): number {
    return this.#counterOf(recipient).take(root)
  }

  /** Whether a message of this sender could be remembered. */
  hasRoomFor(sender: ParticipantId): boolean {
    return this.#windowsBySender.has(sender) || this.#windowsBySender.size < this.#limits.maxPeers
  }

  /** The window of a stream of which something was accepted or expected; else `undefined`. */
  windowOf(sender: ParticipantId, audience: Audience): ReplayWindow | undefined {
    return this.#windowsBySender.get(sender)?.[audience]
  }

  /** The window of a stream, created if needed; `undefined` when the table of senders is full. */
  ensureWindow(sender: ParticipantId, audience: Audience): ReplayWindow | undefined {
    if (!this.hasRoomFor(sender)) return undefined
    const windows = this.#windowsBySender.get(sender) ?? {}
    this.#windowsBySender.set(sender, windows)
    return (windows[audience] ??= new ReplayWindow(REPLAY_WINDOW))
  }

  #counterOf(recipient: ParticipantId | undefined): SendCounter {
    if (recipient === undefined) return this.#roomCounter
    const known = this.#counterByRecipient.get(recipient)
    if (known !== undefined) return known
    const { maxPeers } = this.#limits
    if (this.#counterByRecipient.size >= maxPeers) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_PEERS', { maxPeers })
    }
    const counter = new SendCounter(this.#limits)
    this.#counterByRecipient.set(recipient, counter)
    return counter
  }
}
