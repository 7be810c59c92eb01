/**
 * The port for data between two sessions of a room: sealed bytes, over whatever reaches the other one now. Topics and files are
 * built on it.
 *
 * @module
 */
import type { ParticipantId } from '@conclave/wire'

/** The parts of a room that send data: each hears its own only. */
export type DataStream = 'topic' | 'file'

/** Events of a {@link DataPath}. What `topic` and `file` bring has authenticated as its sender's; the sender may be hostile. */
export interface DataPathEvents {
  /** Data of the topics of a participant. */
  readonly topic: DataReceived
  /** Data of the files of a participant. */
  readonly file: DataReceived
  /** A participant came: data may go to it and come from it. */
  readonly opened: { readonly participant: ParticipantId }
  /** A participant left: what waits for it is rejected. It may come back. */
  readonly closed: { readonly participant: ParticipantId }
  /**
   * The path to a participant was lost or is another one: of what was sent before and not confirmed by its receiver each part may be
   * lost, or may come later than what is sent from now on. You must repeat or resume it.
   */
  readonly changed: { readonly participant: ParticipantId }
  /** There may be space again for {@link DataPath.offer}. */
  readonly space: { readonly participant: ParticipantId }
}

/** Bytes that a participant sent to this session. */
export interface DataReceived {
  readonly from: ParticipantId
  readonly bytes: Uint8Array<ArrayBuffer>
}

/**
 * Carries bytes between this session and each other one in its roster: by a data channel between the two where there is one, and
 * else by the hub, or the bus that stands in for it. The same sealed bytes go either way, and each comes once at most. spec R170 to R173
 *
 * On one path what was sent comes whole and in the order of the calls. When the path is lost or replaced (`changed`), or a carrier
 * is hostile, it may not come: you must confirm, and repeat, what must not get lost.
 */
export interface DataPath {
  /** The most bytes that one call carries. */
  readonly maxBytes: number
  /** Everyone to whom data can go. */
  readonly participants: readonly ParticipantId[]
  /** Calls `handler` for each event of this type, until the returned function is called. */
  on<T extends keyof DataPathEvents>(
    type: T,
    handler: (event: DataPathEvents[T]) => void,
  ): () => void
  /**
   * Sends bytes when there is space, after all that was sent to this participant before. Resolves when they are on their way: wait for
   * it before you make more. While nothing reaches the participant it waits.
   *
   * @throws RangeError for more than `maxBytes`
   * @throws ClientError `ERR_CLIENT_NO_PARTICIPANT` when the participant is not there, or leaves; `ERR_CLIENT_OVERFLOW` when too many
   *   calls wait; `ERR_CLIENT_MESSAGE_FAILED` when the bytes could not be sealed; `ERR_CLIENT_ABORTED`, `ERR_CLIENT_CLOSED`
   */
  send(
    to: ParticipantId,
    stream: DataStream,
    bytes: Uint8Array,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<void>
  /**
   * Sends bytes now, or not at all: `false` when there is no space. What is offered may get lost, and may overtake what was sent.
   *
   * @throws RangeError for more than `maxBytes`
   */
  offer(to: ParticipantId, stream: DataStream, bytes: Uint8Array): boolean
  /** Whether data goes to a participant by a data channel now, and not by the hub: faster, and bounded by its network only. */
  isDirect(participant: ParticipantId): boolean
}
