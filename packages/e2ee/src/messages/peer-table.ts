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
  /** That of messages to the room under no name. */
  readonly #counterByStream = new Map<string | undefined, SendCounter>()
  readonly #sendersById = new Map<ParticipantId, SenderState>()

  constructor(limits: { readonly maxPeers: number; readonly maxMessagesPerKey: number }) {
    this.#limits = limits
    this.#counterByStream.set(undefined, new SendCounter(limits))
  }

  /** The sequence of the next message of a stream to a recipient (left out: the room). */
  nextSequence(stream: string | undefined): number {
    return this.#counterByStream.get(stream)?.next ?? 0
  }

  /**
   * Takes the next sequence of a stream to a recipient (left out: the room).
   *
   * @param root `count` of the key that seals
   * @throws E2eeError `ERR_E2EE_TOO_MANY_PEERS`, `ERR_E2EE_EXHAUSTED`, and takes nothing
   */
  takeSequence(stream: string | undefined, root: SealedCount): number {
    const { maxPeers } = this.#limits
    const known = this.#counterByStream.get(stream)
    if (known === undefined && this.#counterByStream.size > maxPeers) {
      throw new E2eeError('ERR_E2EE_TOO_MANY_PEERS', { maxPeers })
    }
    const counter = known ?? new SendCounter(this.#limits)
    this.#counterByStream.set(stream, counter)
    return counter.take(root)
  }

  /** Why a message opens nothing, whatever its content; changes nothing. spec P8 */
  refusal(sender: ParticipantId, { audience, sequence, salt }: MessagePlace): Refusal | undefined {
    const state = this.#sendersById.get(sender)
    if (state?.[audience]?.isFresh(sequence) === false) return 'replay'
    if (state === undefined) {
      return this.#isFull ? 'too-many-senders' : undefined
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
    if (!this.#sendersById.has(sender) && this.#isFull) return
    this.#windowOf(sender, audience).raiseFloor(sequence)
  }

  get #isFull(): boolean {
    return this.#sendersById.size >= this.#limits.maxPeers
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
