import { ReplayWindow } from '@conclave/base'
import type { ParticipantId } from '@conclave/wire'
import { REPLAY_WINDOW } from '../core/replay-window.ts'
import { E2eeError } from '../errors.ts'
import type { SealedCount } from '../keys/event-keys.ts'
import type { Audience, EnvelopeHeader } from './message-envelope.ts'
import { SendCounter } from './send-counter.ts'

/** Peers whose counters and windows are kept, at most. spec P12 */
export const MAX_PEERS = 16_384

/**
 * Counters and replay windows of all streams. Bounded, and nothing in it is ever evicted: a counter that
 * restarts repeats nonces, a window that is lost lets replays in. spec P12, P13
 */
export class PeerTable {
  readonly #limits: { readonly maxPeers: number; readonly maxMessagesPerKey: number }
  /** That of messages to the room under no recipient. */
  readonly #counterByRecipient = new Map<ParticipantId | undefined, SendCounter>()
  readonly #sendersById = new Map<ParticipantId, SenderState>()

  constructor(limits: { readonly maxPeers: number; readonly maxMessagesPerKey: number }) {
    this.#limits = limits
    this.#counterByRecipient.set(undefined, new SendCounter(limits))
  }

  /** The sequence of the next message to a recipient (left out: the room). */
  nextSequence(recipient: ParticipantId | undefined): number {
    return this.#counterByRecipient.get(recipient)?.next ?? 0
  }

  /**
   * Takes the next sequence to a recipient (left out: the room).
   *
   * @param root `count` of the key that seals
   * @throws E2eeError `ERR_E2EE_TOO_MANY_PEERS`, `ERR_E2EE_EXHAUSTED`, and takes nothing
   */
  takeSequence(recipient: ParticipantId | undefined, root: SealedCount): number {
    const known = this.#counterByRecipient.get(recipient)
    if (known !== undefined) return known.take(root)
    const { maxPeers } = this.#limits
    if (this.#counterByRecipient.size > maxPeers) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_PEERS', { maxPeers })
    }
    const counter = new SendCounter(this.#limits)
    this.#counterByRecipient.set(recipient, counter)
    return counter.take(root)
  }

  /** Why a message opens nothing, whatever its content; changes nothing. spec P8 */
  refusal(sender: ParticipantId, { audience, sequence, salt }: MessagePlace): Refusal | undefined {
    const state = this.#sendersById.get(sender)
    if (state?.[audience]?.isFresh(sequence) === false) return 'replay'
    if (state === undefined) {
      return this.#sendersById.size < this.#limits.maxPeers ? undefined : 'too-many-senders'
    }
    // A sender that something was expected of, and nothing opened of, has no salt yet.
    return (state.salt ?? salt.join()) === salt.join() ? undefined : 'other-sealer'
  }

  /** Takes the place of a message that authenticated; from now on no other sealer of its sender is heard. spec P9, P17 */
  accept(sender: ParticipantId, place: MessagePlace): Refusal | undefined {
    const refusal = this.refusal(sender, place)
    if (refusal !== undefined) return refusal
    const { audience, sequence, salt } = place
    this.#windowOf(sender, audience).accept(sequence)
    this.#stateOf(sender).salt = salt.join()
    return undefined
  }

  /** Refuses a sender's messages below a sequence; does nothing when the table of senders is full. spec P10 */
  raiseFloor(sender: ParticipantId, audience: Audience, sequence: number): void {
    if (!this.#sendersById.has(sender) && this.#sendersById.size >= this.#limits.maxPeers) return
    this.#windowOf(sender, audience).raiseFloor(sequence)
  }

  #windowOf(sender: ParticipantId, audience: Audience): ReplayWindow {
    return (this.#stateOf(sender)[audience] ??= new ReplayWindow(REPLAY_WINDOW))
  }

  #stateOf(sender: ParticipantId): SenderState {
    const state = this.#sendersById.get(sender) ?? {}
    this.#sendersById.set(sender, state)
    return state
  }
}

/** The part of a header that says which message of a sender it is. */
type MessagePlace = Pick<EnvelopeHeader, 'audience' | 'sequence' | 'salt'>

/** Why a message opens nothing, whatever its content. */
type Refusal = 'replay' | 'too-many-senders' | 'other-sealer'

/** The windows of a sender's streams, and the salt of the one sealer that it is heard from. */
type SenderState = { [A in Audience]?: ReplayWindow } & { salt?: string }
