/**
 * The bounds of a session's messages, and how they must fit each other: a bound that is too small for its neighbour
 * loses messages where the neighbour counts on them. spec R31
 *
 * @module
 */
import { REPLAY_WINDOW } from '@conclave/e2ee'
import { MAX_PAYLOAD_BYTES } from '@conclave/wire'

/** A number of messages and of their bytes. */
export interface MessageBound {
  readonly messages: number
  readonly bytes: number
}

/** The bounds of a session. */
export interface Bounds {
  /** Messages that wait for the hub or for its acknowledgement, of all streams together. */
  readonly outbox: MessageBound
  /** The part of the outbox that repetitions may fill. */
  readonly repetitions: MessageBound
  /** Messages of one stream that are kept for repetition. */
  readonly sendLog: MessageBound
  /** The part of the log of the stream to the room that chat leaves to what the session itself says there. spec R187 */
  readonly reserve: MessageBound
  /** Messages of one stream that wait for an earlier one. */
  readonly heldMessages: number
  /** How far below the newest message of a stream an older one still opens. */
  readonly replayWindow: number
  /** Messages that a session hands to a hub at once at most, also to one that allows a larger burst. */
  readonly burst: MessageBound
}

/** The bounds that are used. */
export const BOUNDS: Bounds = Object.freeze({
  outbox: { messages: 2048, bytes: 8 * 1024 * 1024 },
  repetitions: { messages: 1024, bytes: 4 * 1024 * 1024 },
  sendLog: { messages: 1024, bytes: 4 * 1024 * 1024 },
  reserve: { messages: 64, bytes: 256 * 1024 },
  heldMessages: 1024,
  replayWindow: REPLAY_WINDOW,
  burst: { messages: 1024, bytes: 4 * 1024 * 1024 },
})

/** The relations that do not hold; none when the bounds fit each other. */
export function misfitsOf(bounds: Bounds): readonly string[] {
  return RELATIONS.filter(([, holds]) => !holds(bounds)).map(([text]) => text)
}

/** @throws Error when a relation does not hold */
export function checkBounds(bounds: Bounds): void {
  const misfits = misfitsOf(bounds)
  if (misfits.length > 0) throw new Error(`unreachable: ${misfits.join('; ')}`)
}

const RELATIONS: readonly (readonly [text: string, holds: (bounds: Bounds) => boolean])[] = [
  // A hub that dies takes at most one burst with it, and the send log repeats it.
  ['sendLog >= burst', ({ burst, sendLog }) => covers(sendLog, burst)],
  // A chat message of any size that the hub takes fits beside what it leaves to others.
  [
    'sendLog >= reserve + message',
    ({ reserve: { messages, bytes }, sendLog }) =>
      covers(sendLog, { messages: messages + 1, bytes: bytes + MAX_PAYLOAD_BYTES }),
  ],
  // Repetitions leave half of the outbox to new messages.
  [
    'outbox >= 2 repetitions',
    ({ repetitions: { messages, bytes }, outbox }) =>
      covers(outbox, { messages: 2 * messages, bytes: 2 * bytes }),
  ],
  // One answer with the whole send log fits into the part for repetitions.
  ['repetitions >= sendLog', ({ repetitions, sendLog }) => covers(repetitions, sendLog)],
  // A receiver holds all that follows a gap which the send log can fill.
  ['held >= sendLog', ({ heldMessages, sendLog }) => heldMessages >= sendLog.messages],
  // The oldest message of the send log still opens after the newest.
  ['replayWindow >= sendLog', ({ replayWindow, sendLog }) => replayWindow >= sendLog.messages],
]

const covers = (large: MessageBound, small: MessageBound): boolean =>
  large.messages >= small.messages && large.bytes >= small.bytes
